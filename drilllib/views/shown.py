"""What a notebook displays: a text that can stand alone, and perhaps a picture or a page of the same."""

from dataclasses import dataclass
from typing import Any

from drilllib.core.trace.answer import Trace
from drilllib.errors import MissingToolError
from drilllib.views.html.elements import Page, page_html
from drilllib.views.picture import graphviz, still
from drilllib.views.text.trace import trace_text


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and optionally an SVG or a page of HTML. Jupyter shows that, everything else the text."""

    text: str
    svg: str | None = None
    page: Page | None = None

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        bundle = {"text/plain": self.text}
        if self.svg:
            bundle["image/svg+xml"] = self.svg
        if self.page:
            bundle["text/html"] = page_html(self.page)
        return bundle


def below(*shown: Shown) -> Shown:
    """Several without pictures as one, line below line; a text without a page stands in the page as it is."""
    told = [each for each in shown if each.text]
    page = next((each.page for each in told if each.page), None)
    if page:
        blocks = [block for each in told for block in (each.page.blocks if each.page else (each.text,))]
        page = Page(page.language, blocks)
    return Shown("\n".join(each.text for each in told), page=page)


class Several:
    """Several outputs, one below the other; as text, separated by an empty line."""

    def __init__(self, *shown: Shown) -> None:
        self._shown = shown

    def __repr__(self) -> str:
        return "\n\n".join(each.text for each in self._shown)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(*self._shown)


def shown_path(trace: Trace, language: str) -> Shown:
    """The packet path, drawn."""
    return Shown(trace_text(trace, language), path_svg(trace, language))


def path_svg(trace: Trace, language: str) -> str:
    """The picture: Graphviz's, or a plainer one of our own where no renderer is installed, as in a browser's Python."""
    try:
        return graphviz.svg(trace, language)
    except MissingToolError:
        return still.svg(trace, language)
