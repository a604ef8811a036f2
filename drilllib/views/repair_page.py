"""The check of a repair as a notebook displays it: text, and a page of HTML that says the same by words and colour."""

from dataclasses import dataclass
from typing import Any

from drilllib.core.check.connections import ConnectionCheck
from drilllib.core.check.repairs import RepairCheck
from drilllib.quoting import markup
from drilllib.views.html.elements import LANG
from drilllib.views.html.sheet import sheet
from drilllib.views.phrases.catalog import say
from drilllib.views.text.connection_repairs import connection_aspects
from drilllib.views.text.repairs import AspectText, repair_aspects, repair_text, repair_title

_ICONS = {True: "M3 8.5 6.5 12 13 4.5", False: "M4 4l8 8M12 4l-8 8"}


@dataclass(frozen=True, slots=True)
class ShownRepair:
    """The check of a lesson's repair; *passed* says whether it holds in every aspect."""

    check: RepairCheck | ConnectionCheck
    language: str

    @property
    def passed(self) -> bool:
        """Does everything work that is meant to, and is nothing else let in?"""
        return self.check.passed

    @property
    def text(self) -> str:
        """The same in lines, for a terminal."""
        return repair_text(_aspects(self.check, self.language), self.language, passed=self.passed)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": repair_html(self.check, self.language)}


def _aspects(check: RepairCheck | ConnectionCheck, language: str) -> tuple[AspectText, ...]:
    if isinstance(check, ConnectionCheck):
        return connection_aspects(check, language)
    return repair_aspects(check, language)


def repair_html(check: RepairCheck | ConnectionCheck, language: str) -> str:
    """A bar, green or red, and the aspects as a list. Each line says by a word, too, whether it holds."""
    state = "ok" if check.passed else "no"
    items = "".join(_item(each, language) for each in _aspects(check, language))
    said = markup(repair_title(passed=check.passed, language=language))
    title = f'<p class="drill-repair-title">{_icon(check.passed)} {said}</p>'
    lang, style = LANG.get(language, language), sheet("base.css", "repair.css")
    inside = f'<div class="drill drill-repair drill-repair-{state}" lang="{lang}">{title}<ul>{items}</ul></div>'
    return f"<style>{style}</style>{inside}"


def _item(aspect: AspectText, language: str) -> str:
    word = say(language, "check_holds") if aspect.holds else say(language, "check_fails")
    against = f'<p class="drill-repair-packet"><code>{markup(aspect.against)}</code></p>' if aspect.against else ""
    why = "".join(f'<p class="drill-repair-why"><code>{markup(line)}</code></p>' for line in aspect.why)
    spoken = f'<span class="drill-repair-word">{markup(word)}: </span>'
    state = "ok" if aspect.holds else "no"
    told = f"{spoken}{markup(aspect.text)}{against}{why}"
    return f'<li class="drill-repair-{state}">{_icon(aspect.holds)}<div>{told}</div></li>'


def _icon(holds: bool) -> str:
    return f'<svg class="drill-icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{_ICONS[holds]}"/></svg>'
