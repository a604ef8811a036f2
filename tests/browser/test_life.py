"""What becomes of a panel when things go wrong around it, or go on without it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.jupyterlab import open_notebook
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson({!r})\npanel = lesson.panel(reveal=3)\npanel"
# Waits before each answer until it may go on, and remembers what it was asked.
SLOW = """
import threading
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.answer import Question
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.labs.simulated import SimulatedLab
from drilllib.views.panel.panel import DrillPanel
class SlowLab(SimulatedLab):
    answered, go = 0, threading.Event()
    def probe(self, question):
        self.go.wait(120)
        SlowLab.answered += 1
        return super().probe(question)
lab = SlowLab(open_fault("first-steps"))
lab.replace_rules("sg-node0001", "ingress", lab.rules("sg-node0001", "ingress") * 5)
lab.go.set()
panel = DrillPanel(lab, Question(client=CLIENT, service=SERVICE, port=80), "en", groups=["sg-node0001"])
lab.go.clear()
panel
"""
RUN_CELL = "() => window.jupyterapp.commands.execute('notebook:run-cell')"


def run_cell(page: Page, place: int) -> str:
    """Run one more cell, and what it printed."""
    cell = page.locator(".jp-CodeCell").nth(place)
    cell.locator(".jp-InputArea-editor").click()
    page.evaluate(RUN_CELL)
    return cell.locator(".jp-OutputArea-output").inner_text()


def test_a_slow_lab_freezes_nothing_and_answers_the_last_click(page: Page, opened: Callable, said: list) -> None:
    """Five clicks in a row: the page answers at once, and what is shown in the end is what was asked for last."""
    count = "print(lab.answered, len(lab.rules('sg-node0001', 'ingress')))"
    opened(SLOW, "lab.go.set(); print('on')", count, run=False)
    page.evaluate(RUN_CELL)
    boxes = page.locator(".drill-list:visible").first.get_by_role("checkbox")
    expect(boxes).to_have_count(5)

    for number in range(5):
        boxes.nth(number).click()
        assert not boxes.nth(number).is_checked()
    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "true")
    expect(page.locator(".drill-busy")).to_contain_text("Working…")
    assert run_cell(page, 1).strip() == "on"
    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "false")

    expect(boxes).to_have_count(5)
    assert not any(box.is_checked() for box in boxes.all())
    expect(page.locator(".drill-busy")).to_have_text("")
    answered, left = map(int, run_cell(page, 2).split())
    assert left == 0
    assert answered <= 1 + 3  # the first look, the first click's, and one or two for all the others
    assert said == []


# Every click is answered, each a little later, as over a slow line.
LATE = (
    PANEL.format("group-2")
    + """
import time
panel.rules._on_command = lambda command: (time.sleep(0.3), panel._worker.do(command))
panel
"""
)
TWO_CLICKS = """() => new Promise((done) => {
  const rules = document.querySelector('.drill-rules'), boxes = rules.querySelectorAll('.drill-list input'), seen = [];
  new MutationObserver(() => {
    seen.push(rules.getAttribute('aria-busy') + ' ' + boxes[1].checked);
    if (seen.at(-1).startsWith('false')) setTimeout(() => done(seen), 1000);
  }).observe(rules, { attributes: true, attributeFilter: ['aria-busy'] });
  boxes[0].click(); boxes[1].click();
})"""


@thorough
def test_an_answer_to_an_older_click_is_dropped_by_the_page(page: Page, opened: Callable, said: list) -> None:
    """Shown, it would undo the newer click for a moment, and teach nonsense."""
    opened(LATE)
    page.locator(".drill-rules").wait_for()

    seen = page.evaluate(TWO_CLICKS)

    assert [each for each in seen if each != "true false"] == ["false false"]
    assert said == []


@thorough
def test_a_refused_rule_does_not_swallow_the_answer_to_the_click_before(
    page: Page, opened: Callable, said: list
) -> None:
    """Both are under way at once when the lab is slow."""
    opened(SLOW, "lab.go.set(); print('on')", run=False)
    page.evaluate(RUN_CELL)
    boxes = page.locator(".drill-list:visible").first.get_by_role("checkbox")
    page.get_by_text("Add a rule").first.click()
    field = page.locator("form").first.get_by_role("textbox").nth(1)
    field.fill("nobody")

    boxes.first.click()
    field.press("Enter")

    expect(page.locator(".drill-error").filter(has_text="nobody")).to_be_visible()
    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "true")
    assert run_cell(page, 1).strip() == "on"
    expect(page.locator(".drill-rule:visible").first).to_have_class(re.compile("drill-aside"))
    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "false")
    assert said == []


def test_a_closed_lab_is_said(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.format("group-2"), "lesson.close()")
    box = page.locator(".drill-list:visible").first.get_by_role("checkbox").first

    box.click()

    expect(page.locator(".drill-alert")).to_contain_text(
        "This lab is closed. Open a new one: in a notebook, run the cell with lesson = ... again."
    )
    expect(box).to_be_checked()  # nothing has changed
    assert said == []


def test_a_killed_kernel_is_said(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.format("group-2"), "import os; os._exit(1)", run=False)
    page.evaluate(RUN_CELL)
    page.locator(".drill-rules").wait_for()
    page.locator(".jp-CodeCell").nth(1).locator(".jp-InputArea-editor").click()
    page.evaluate(f"() => {{ ({RUN_CELL})(); }}")  # it never comes back

    expect(page.locator(".drill-alert")).to_contain_text("is gone")
    expect(page.locator(".drill-rules input").first).to_be_disabled()
    assert said == []


@thorough
def test_a_kernel_that_was_shut_down_is_said_on_the_next_click(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.format("group-2"))
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    page.locator(".drill-list:visible").first.get_by_role("checkbox").first.click()

    expect(page.locator(".drill-alert")).to_contain_text("is gone")
    assert said == []


@thorough
def test_a_restarted_kernel_is_said(page: Page, opened: Callable, said: list) -> None:
    opened(PANEL.format("group-2"))
    page.locator(".drill-rules").wait_for()

    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")

    expect(page.locator(".drill-alert")).to_contain_text("is gone")
    assert said == []


TWO = """
from drilllib import Lesson
one, two = Lesson("group-1").panel(reveal=3), Lesson("group-2").panel(reveal=3)
display(one, two, one)
"""
# But for the threads that JupyterLab asks the kernel for.
THREADS = """
import threading, time
end = time.monotonic() + 120  # a panel's thread rests a moment before it ends
while time.monotonic() < end and any(each.name == "drill-panel" for each in threading.enumerate()):
    time.sleep(0.05)
print(*sorted(each.name for each in threading.enumerate() if not each.name.startswith("subshell-")))
"""


@thorough
def test_several_panels_mind_their_own_business_and_leave_no_threads(page: Page, opened: Callable, said: list) -> None:
    """Two labs, and one of them shown twice."""
    page.set_viewport_size({"width": 1300, "height": 4000})
    opened(TWO, THREADS)
    panels = page.locator(".drill-panel")
    expect(panels).to_have_count(3)
    before = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output").inner_text().split()

    panels.nth(0).locator(".drill-rule:visible").first.get_by_role("checkbox").click()

    expect(panels.nth(0).locator(".drill-outcome")).to_contain_text("200 OK")
    expect(panels.nth(2).locator(".drill-outcome")).to_contain_text("200 OK")
    expect(panels.nth(1).locator(".drill-outcome")).to_contain_text("504")
    for _ in range(10):
        panels.nth(1).locator(".drill-rule:visible").first.get_by_role("checkbox").click()
        expect(panels.nth(1).locator(".drill-rules")).to_have_attribute("aria-busy", "false")
    assert run_cell(page, 1).split() == before
    assert said == []


LEFT_BEHIND = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
  .some((cell) => JSON.stringify(cell.outputs.toJSON().slice(-1)).includes('HTTP/1.1 200 OK'))"""


@thorough
def test_without_a_kernel_the_last_picture_and_text_are_there(
    page: Page, opened: Callable, said: list, address: str
) -> None:
    """A notebook that was saved and opened again, as everybody does the next morning."""
    name = opened(PANEL.format("group-2"))
    page.get_by_role("checkbox", name="DROP ALL").click()
    expect(page.locator(".drill-outcome")).to_contain_text("200 OK")
    page.wait_for_function(LEFT_BEHIND)  # it follows the panel a moment later
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    open_notebook(page, address, name, run=False)

    picture = page.locator(".jp-RenderedSVG img, .jp-RenderedSVG svg")
    expect(picture).to_be_visible()
    assert "200 OK" in (picture.get_attribute("src") or "").replace("%20", " ") + picture.inner_text()
    expect(page.locator(".jp-RenderedText").last).to_contain_text("HTTP/1.1 200 OK")
    wide = picture.evaluate(
        "each => each.getBoundingClientRect().right <= each.closest('.jp-Cell').getBoundingClientRect().right"
    )
    assert wide
    assert [each for each in said if "model" not in each.lower()] == []
