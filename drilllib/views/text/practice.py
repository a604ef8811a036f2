"""What practice says on a terminal: ticket, menu of looks, prices, forms of a statement, settings, drills, mastery."""

from collections.abc import Iterable, Mapping, Sequence

from drilllib.core.drills.worlds.drill import Drill
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.looks import CLIENT, PRICES, Look, LookKind
from drilllib.core.practice.settings import Setting
from drilllib.quoting import shell_line
from drilllib.views.phrases.catalog import said, say
from drilllib.views.text.columns import columns, padded

WIDTH = 118
_WORDS = {LookKind.KUBECTL: "kubectl get"}


def ticket_text(ticket: Mapping[str, str], *, titled: bool = True) -> str:
    """Its title, where that may be told, and its text, wrapped."""
    title = [ticket["title"]] if titled else []
    return "\n".join([*title, *(f"  {line}" for line in _wrapped(ticket["text"].split(), WIDTH - 2))])


def menu_text(offered: Sequence[Look], next_hint: int | None, spent: int, language: str) -> str:
    """Every look by what is typed for it, with its price, and the next hint."""
    lines = [say(language, "practice.menu", spent=spent)]
    for kind in sorted(LookKind, key=lambda each: PRICES[each]):
        places = [each.place for each in offered if each.kind is kind]
        if places:
            lines += _priced(PRICES[kind], _WORDS.get(kind, kind.value), [each for each in places if each != CLIENT])
    lines += ["", say(language, "practice.menu_curl"), hint_price_text(next_hint, language)]
    return "\n".join(lines)


def hint_price_text(price: int | None, language: str) -> str:
    """What the next hint costs, told before it is taken."""
    return say(language, "practice.no_hint") if price is None else say(language, "practice.hint_price", price=price)


def cost_text(price: int, spent: int, language: str) -> str:
    """What the last step cost, and all so far."""
    return say(language, "practice.cost", price=price, spent=spent)


def same_text(spent: int, language: str) -> str:
    """That a look cost nothing, because it was taken before; and what all so far has cost."""
    return say(language, "practice.same", spent=spent)


def forms_text(known: Mapping[CauseKind, Sequence[str]], language: str) -> str:
    """How each cause is stated, and of what it can be."""
    lines = [say(language, "practice.forms")]
    for kind, places in known.items():
        words = say(language, f"practice.cause_{kind}")
        lines += [f"  {words}", *_indented(_form(kind), places)]
    return "\n".join([*lines, f"  {say(language, 'practice.cause_nothing')}", "    state nothing"])


def _form(kind: CauseKind) -> str:
    return "state group {place} sg-... in 0" if kind is CauseKind.GROUP else f"state {kind} {{place}}"


def _indented(form: str, places: Sequence[str]) -> list[str]:
    """The form with the first place, and the other places it can have."""
    if not places:
        return ["    -"]
    others = _wrapped(places[1:], WIDTH - 8)
    return [f"    {form.format(place=places[0])}", *(f"        {line}" for line in others)]


def stated_text(causes: Sequence[Cause], language: str) -> str:
    """What was understood, as it could be typed again."""
    return say(language, "practice.stated", typed=f"state {typed_text(causes)}")


def typed_text(causes: Sequence[Cause]) -> str:
    """Causes as they are typed behind ``state``."""
    return " + ".join(map(_cause, causes)) or "nothing"


def _cause(cause: Cause) -> str:
    if cause.kind is not CauseKind.GROUP:
        return f"{cause.kind} {cause.resource}"
    way = "out" if cause.direction == "egress" else "in"
    words = ("group", cause.resource, cause.group, way, "none" if cause.rule is None else str(cause.rule))
    return " ".join(filter(None, words))


def setting_text(setting: Setting) -> str:
    """A setting as it is typed, and the values that it can have."""
    if setting.kind == "groups":
        return f"bind {setting.of} {setting.value or 'none'}"
    others = f"   ({' | '.join(setting.choices)})" if setting.choices else ""
    return str(said(shell_line(("set", setting.kind, setting.of, setting.value)), "en")) + others


def bound_text(resource: str, groups: Sequence[str], language: str) -> str:
    """Which groups are bound now."""
    return f"{resource}: {', '.join(groups) or say(language, 'practice.no_groups')}"


def begun_text(drill: str | None, seed: int, level: int, language: str) -> str:
    """What is played; *drill* is None where its name would tell too much."""
    if drill is None:
        return say(language, "practice.begun_unnamed", seed=seed, level=level)
    return say(language, "practice.begun", drill=drill, seed=seed, level=level)


def help_text(language: str, *, shell: bool) -> str:
    """All that can be typed."""
    return say(language, "practice.help") + (f"\n{say(language, 'practice.help_shell')}" if shell else "")


def drills_text(drills: Iterable[Drill]) -> str:
    """
    One drill a line: name, category, levels. Not the ticket's title, by which a ticket that comes without a name would
    be known.
    """
    return "\n".join(_table([(each.name, each.category, ",".join(map(str, each.levels))) for each in drills]))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(columns, cells)) for cells in zip(*rows, strict=True)]
    lines = ("  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]


def _priced(price: int, words: str, places: Sequence[str]) -> list[str]:
    """A kind of look: its price, the words, and the places, wrapped."""
    start = f"  {price}  {words} "
    lines = _wrapped(places, WIDTH - len(start)) or [""]
    return [((" " * len(start) if number else start) + line).rstrip() for number, line in enumerate(lines)]


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    """Words in lines, none cut."""
    lines: list[str] = []
    for word in words:
        if lines and columns(lines[-1]) + 1 + columns(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
