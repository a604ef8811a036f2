"""The style sheets of several widgets on one page: which of them comes first or last changes nothing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.thorough import thorough

ALL = """
from drilllib import Lesson
lesson = Lesson('group-2')
panel = lesson.panel(reveal=3)
display(lesson.predict('outcome'), lesson.verify(), lesson.rules('sg-node0001'), lesson.fix('203.0.113.0/24'), panel)
"""
# Takes the order of the widgets' sheets, or those that are on, and tells every element whose look depends on that.
LOOKS = """() => {
  const names = ['display', 'float', 'position', 'width', 'height', 'font-size', 'font-weight', 'line-height', 'color',
    'margin-top', 'margin-left', 'padding-top', 'padding-left', 'column-gap', 'row-gap', 'min-height', 'text-align',
    'background-color', 'border-top-width', 'border-left-width', 'border-top-color', 'border-radius', 'fill', 'stroke',
    'overflow-x', 'white-space', 'align-items', 'flex-wrap', 'grid-template-columns'];
  const still = document.head.appendChild(document.createElement('style'));
  still.textContent = `* { transition: none !important; animation: none !important;
    content-visibility: visible !important }`;
  const sheets = [...document.querySelectorAll('style')].filter((each) => /\\.drill ?\\{/.test(each.textContent));
  const looks = (root) => [...document.querySelectorAll(`${root}, ${root} *`)].map((each) => {
    const style = getComputedStyle(each);
    return [each, names.map((name) => style.getPropertyValue(name))];
  });
  const found = new Set();
  const compare = (what, before, after) => before.forEach(([each, a], place) => names.forEach((name, at) => {
    const b = after[place][1][at];
    const who = `${each.closest('.drill').className} > ${each.tagName} ${each.getAttribute('class')}`;
    if (a[at] !== b) found.add(`${what}: ${who} ${name}: ${a[at]} / ${b}`);
  }));
  const order = (them) => them.forEach((each) => document.head.append(each));
  const first = looks('.drill');
  for (const last of sheets) {
    order(sheets.filter((each) => each !== last));
    order([last]);
    compare('order', first, looks('.drill'));
  }
  order([...sheets].reverse());
  compare('order', first, looks('.drill'));
  const alone = (root, isOwn) => {
    const all = looks(root);
    const others = sheets.filter((each) => !isOwn(each.textContent));
    if (others.length === sheets.length) return;
    others.forEach((each) => (each.sheet.disabled = true));
    compare(`${root} alone`, looks(root), all);
    others.forEach((each) => (each.sheet.disabled = false));
  };
  const asks = (text) => text.includes('.drill-q-title');
  alone('.drill-questions', asks);
  const tells = (text) => text.includes('.drill-out.drill-out');
  alone('.drill-out', tells);
  alone('.drill-repair', (text) => text.includes('.drill-repair'));
  alone('.drill-panel', (text) => !asks(text) && !tells(text));
  still.remove();
  return [sheets.length, [...found]];
}"""


@thorough
def test_no_widget_looks_otherwise_because_of_another(page: Page, opened: Callable, said: list) -> None:
    """Every widget's sheet last once, and all reversed; and the sheets of the others switched off."""
    opened(ALL)
    expect(page.locator(".drill-rule:visible").first).to_be_visible()
    expect(page.locator(".drill-picture svg").first).to_be_visible()
    expect(page.locator("fieldset.drill-question")).to_be_visible()
    page.wait_for_timeout(500)

    count, differences = page.evaluate(LOOKS)

    assert count >= 4
    assert not differences, "\n".join(differences)
    assert said == []
