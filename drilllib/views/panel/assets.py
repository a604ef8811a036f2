"""
The files of page/ as anywidget takes them: one module and one style sheet a widget, both as text.

There is no build step. A script of page/ has no import, and only the last of a module has an export.
"""

from pathlib import Path

PAGE = Path(__file__).parent / "page"
BASE = ("tokens.css", "base.css", "forced.css", "button.css")  # what every widget has


def script(*names: str) -> str:
    """These scripts of page/ as one module, in this order."""
    return "\n".join((PAGE / name).read_text(encoding="utf-8") for name in names)


def style(*names: str) -> str:
    """These style sheets of page/ as one."""
    return script(*names)


def widget_style(*names: str) -> str:
    """The style sheet of a widget: what each has, and its own sheets of page/."""
    return style(*BASE, *names)
