"""
From click to redrawn panel, in a real JupyterLab, against a widget that does nothing but answer.

Both are measured in the page, by turns, in one notebook: from the click to the moment the answer stands there.
"""

import json
import tempfile
from pathlib import Path
from statistics import median, quantiles

from bench.jupyterlab import ARGUMENTS, browser_path, jupyterlab, open_notebook, write_notebook
from bench.table import duration

CLICKS = 60
COLUMNS = ("click to redrawn page", "median", "p95", "against empty", "budget")
EMPTY = """
import anywidget, traitlets
class Empty(anywidget.AnyWidget):
    _esm = '''export default { render({ model, el }) {
      const button = document.createElement("button");
      button.className = "bench-empty"; button.textContent = "0";
      button.onclick = () => model.send(1);
      model.on("change:count", () => (button.textContent = model.get("count")));
      el.append(button);
    } };'''
    count = traitlets.Int(0).tag(sync=True)
    def __init__(self):
        super().__init__()
        self.on_msg(lambda *_: setattr(self, "count", self.count + 1))
Empty()
"""
PANEL = """
from drilllib.core.rules.policies import rule_from_text
from drilllib import Lesson
lesson = Lesson("healthy")
rules = [rule_from_text(f"ACCEPT TCP 10.{{n // 256}}.{{n % 256}}.0/24 1000-2000") for n in range({more})]
lesson.lab.replace_rules("sg-node0001", "ingress", [*lesson.lab.rules("sg-node0001", "ingress"), *rules])
panel = lesson.panel("sg-node0001")
panel
"""
# The engine's own part of a click: change the list, trace, ask for the symptom.
ENGINE = """
import json, time
from statistics import median, quantiles
def once(desk, command):
    started = time.perf_counter(); desk.do(command); desk.report(); return time.perf_counter() - started
times = [once(panel._desk, {{"do": "switch", "on": n % 2 == 1, "list": "sg-node0001 ingress", "key": {key}}})
         for n in range(40)]
print(json.dumps([median(times), quantiles(times, n=20)[-1]]))
"""
# Click, and resolve with the milliseconds until the symptom and the path both are new and no answer is awaited.
CLICK_EMPTY = """() => new Promise((done) => {
  const button = document.querySelector('.bench-empty'); const before = performance.now();
  new MutationObserver((_, all) => { all.disconnect(); done(performance.now() - before); })
    .observe(button, { childList: true, characterData: true, subtree: true });
  button.click();
})"""
CLICK_PANEL = """() => new Promise((done) => {
  const panel = document.querySelector('.drill-panel'), box = panel.querySelector('.drill-list input');
  const path = panel.querySelector('.drill-picture'), said = panel.querySelector('.drill-transcript');
  const old = [path.firstElementChild, said.textContent], before = performance.now();
  const look = new MutationObserver(() => {
    const fresh = path.firstElementChild !== old[0] && said.textContent !== old[1];
    if (!fresh || panel.querySelector('.drill-rules').getAttribute('aria-busy') === 'true') return;
    look.disconnect(); done(performance.now() - before);
  });
  look.observe(panel, { childList: true, characterData: true, attributes: true, subtree: true });
  box.click();
})"""


def rows() -> list[tuple[str, ...]]:
    """The panel of one rule and of 512; a line that says so where there is no browser."""
    if browser_path() is None:
        return [("not measured: no Chromium here", "", "", "", "")]
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as notebooks,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        jupyterlab(Path(notebooks), Path(scratch)) as address,
        sync_playwright() as started,
    ):
        browser = started.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1300, "height": 1500})
        cases = ((0, "<= 1.5x, p95 < 100 ms"), (511, "p95 < 200 ms"))
        return [row for more, budget in cases for row in _measured(page, address, Path(notebooks), more, budget)]


def _measured(page, address: str, folder: Path, more: int, budget: str) -> list[tuple[str, ...]]:
    name = f"clicks-{more}.ipynb"
    write_notebook(folder / name, EMPTY, PANEL.format(more=more), ENGINE.format(key=0))
    open_notebook(page, address, name)
    page.locator(".drill-rule").nth(more).wait_for(state="attached")
    engine = json.loads(page.locator(".jp-OutputArea-output pre").last.inner_text())
    clicks = [(page.evaluate(CLICK_EMPTY), page.evaluate(CLICK_PANEL)) for _ in range(CLICKS + 5)][5:]
    empty, panel = ([each / 1000 for each in column] for column in zip(*clicks, strict=True))
    ratio = f"{median(panel) / median(empty):.2f}x"
    rules = f"{more + 1} rule{'s' * bool(more)}"
    return [
        (f"empty widget, beside {rules}", duration(median(empty)), duration(_p95(empty)), "", ""),
        (f"panel, {rules}", duration(median(panel)), duration(_p95(panel)), ratio, budget),
        (f"of which engine and lab, {rules}", duration(engine[0]), duration(engine[1]), "", ""),
    ]


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]
