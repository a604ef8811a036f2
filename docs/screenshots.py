"""
Takes the pictures of the panel that README and docs show, in a real JupyterLab; needs Chromium and its Chinese fonts.

    python docs/screenshots.py            docs/images/panel.png and panel.zh.png
    python docs/screenshots.py --all DIR  every language, theme and width, to look at
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.jupyterlab import ARGUMENTS, browser_path, jupyterlab, open_notebook, write_notebook

IMAGES = Path(__file__).parent / "images"
PANEL = "from drilllib import Lesson\nLesson({!r}).panel({})"
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def take(page: Page, file: Path) -> None:
    """The panel with its node's card pressed."""
    page.wait_for_timeout(500)  # a resized page is laid out anew
    page.locator("[data-hop=node-node-a]:visible text").first.click()
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    page.locator(".drill-panel").screenshot(path=file)


def for_docs(page: Page, address: str) -> None:
    """Lesson 02's panel, with the file browser beside it."""
    page.set_viewport_size({"width": 1600, "height": 2000})
    for language, name in (("en", "panel.png"), ("zh", "panel.zh.png")):
        open_notebook(page, address, f"{language}/group-2.ipynb")
        take(page, IMAGES / name)


def every_look(page: Page, address: str, folder: Path) -> None:
    """Two faults in every language, theme and width."""
    for language, fault in product(("zh", "en"), ("group-2", "two-groups")):
        page.set_viewport_size({"width": 1600, "height": 4000})
        open_notebook(page, address, f"{language}/{fault}.ipynb")
        for theme, width in product(THEMES, (600, 900, 1300, 1600)):
            page.set_viewport_size({"width": width, "height": 4000})
            page.evaluate(THEME, THEMES[theme])
            take(page, folder / f"{fault}-{language}-{theme}-{width}.png")
            page.locator("[data-hop=node-node-a]:visible text").first.click()
        page.evaluate(THEME, THEMES["light"])


def main(arguments: list[str]) -> None:
    """Start everything, take the pictures, stop everything."""
    with tempfile.TemporaryDirectory() as notebooks, tempfile.TemporaryDirectory() as scratch:
        for language, fault in product(("zh", "en"), ("group-2", "two-groups")):
            (Path(notebooks) / language).mkdir(exist_ok=True)
            write_notebook(Path(notebooks) / language / f"{fault}.ipynb", PANEL.format(fault, "reveal=3"))
        with jupyterlab(Path(notebooks), Path(scratch)) as address, sync_playwright() as started:
            browser = started.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
            page = browser.new_page()
            if arguments[:1] == ["--all"]:
                every_look(page, address, Path(arguments[1]))
            else:
                for_docs(page, address)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
