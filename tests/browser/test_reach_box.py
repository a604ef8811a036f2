"""Who can reach the Service, beside the symptom: it follows every click, and can be read by everybody."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from drilllib.views.phrases.catalog import say
from tests.browser.test_looks import FAINT, STICKING_OUT, darken, found, violations
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson('healthy')\nlesson.panel(reveal=3)"
# Panels of a lab in every state of the line: nobody, everyone with exceptions, some requests, nobody can tell.
EVERY_STATE = """
from copy import deepcopy
from drilllib.core.trace.answer import Question
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.labs.simulated import SimulatedLab
from drilllib import Lesson
from drilllib.views.phrases.language import language
from drilllib.views.panel.panel import DrillPanel
def show(document, *groups):
    question = Question(client="203.0.113.10", service="shop/web", port=80)
    display(DrillPanel(SimulatedLab(Snapshot(document)), question, language(), groups=groups))
display(Lesson("group-2").panel(reveal=3))
document = open_fault("healthy", listener="TCP").to_dict()
node, target = document["instances"][0], document["listeners"]["lb-lab00001"][0]["Targets"][0]
other = {"InstanceId": "ins-nodec001", "PrivateIpAddresses": ["10.0.35.77"]}
document["instances"].append({**node, **other, "SecurityGroupIds": ["sg-other0001"]})
status = {"addresses": [{"type": "InternalIP", "address": "10.0.35.77"}]}
document["kubernetes"].append({"kind": "Node", "metadata": {"name": "node-c"}, "status": status})
document["listeners"]["lb-lab00001"][0]["Targets"].append({**target, **other})
document["security_groups"]["sg-other0001"] = deepcopy(document["security_groups"]["sg-node0001"])
lab = SimulatedLab(Snapshot(document))
def rules(port, *blocks):
    return [rule_from_text(f"{each} {port}") for each in blocks]
wide = [f"DROP TCP {n}.0.0.0/8" for n in (101, 117, 121, 133, 145, 199)] + ["ACCEPT TCP 0.0.0.0/0"]
lab.replace_rules("sg-clb00001", "ingress", rules(80, *wide))
lab.replace_rules("sg-node0001", "ingress", rules(30713, "ACCEPT TCP 0.0.0.0/0"))
lab.replace_rules("sg-other0001", "ingress", rules(30713, "ACCEPT TCP 0.0.0.0/0"))
show(lab.snapshot().to_dict())
lab.replace_rules("sg-other0001", "ingress", rules(30713, "ACCEPT TCP 203.0.113.128/25", "ACCEPT TCP 100.64.0.0/10"))
show(lab.snapshot().to_dict())
document = open_fault("healthy").to_dict()
del document["security_groups"]["sg-node0001"]
show(document, "sg-clb00001")
"""
# Rows and headings beside the symptom that lie on each other or out of their box.
OVERLAPPING = """() => {
  const found = [];
  for (const met of document.querySelectorAll('.drill-symptom')) {
    const texts = '.drill-outcome, .drill-heading, .drill-transcript, .drill-way, .drill-blocks, .drill-remark';
    const parts = [...met.querySelectorAll(texts)]
      .filter((each) => each.getClientRects().length).map((each) => [each, each.getBoundingClientRect()]);
    const whole = met.getBoundingClientRect();
    parts.forEach(([one, a], place) => {
      if (a.right > whole.right + 1 || a.bottom > whole.bottom + 1) found.push('out: ' + one.textContent);
      parts.slice(place + 1).forEach(([other, b]) => {
        const apart = a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 3 || b.bottom <= a.top + 3;
        if (!apart && !one.contains(other)) found.push(one.textContent + ' / ' + other.textContent);
      });
    });
  }
  return found;
}"""


def add(page: Page, group: int, peer: str, port: str, language: str) -> None:
    page.locator(".drill-tab").nth(group).click()
    box = page.locator(".drill-group").nth(group)
    form = box.locator("form").first
    if not form.is_visible():
        box.get_by_text(say(language, "ui_add_rule")).first.click()
    form.get_by_role("textbox").nth(0).fill(port)
    form.get_by_role("textbox").nth(1).fill(peer)
    form.get_by_role("button").click()


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=thorough)])
def test_a_wider_rule_lets_more_clients_in_and_says_which(
    page: Page, opened: Callable, said: list, language: str
) -> None:
    """Group 1 alone changes nothing: group 2 still stops them."""
    opened(PANEL, language=language)
    reach, news = page.get_by_role("group", name=say(language, "ui_reach")), page.locator(".drill-news")
    expect(reach.locator(".drill-told")).to_have_text(["203.0.113.0/24"])
    expect(news).to_be_empty()

    add(page, 0, "0.0.0.0/0", "80", language)
    expect(news).to_contain_text(say(language, "ui_unchanged"))
    add(page, 1, "198.51.100.0/24", "30713", language)
    expect(news.get_by_role("img", name=say(language, "ui_gained"))).to_have_text("+")
    expect(news).to_contain_text("198.51.100.0/24")
    expect(reach.locator(".drill-is-always")).to_contain_text("198.51.100.0/24")
    add(page, 1, "0.0.0.0/0", "30713", language)

    expect(reach.locator(".drill-world")).to_contain_text(say(language, "ui_everyone"))
    expect(reach.locator(".drill-world")).to_contain_text(say(language, "ui_world"))
    page.locator(".drill-group").nth(1).get_by_role("checkbox").first.click()
    expect(news.get_by_role("img", name=say(language, "ui_lost"))).to_have_text("\N{MINUS SIGN}")
    assert said == []


@thorough
@pytest.mark.parametrize("language", [pytest.param("zh", marks=thorough), "en"])
def test_every_state_fits_its_place(page: Page, opened: Callable, said: list, language: str) -> None:
    page.set_viewport_size({"width": 1600, "height": 1000})
    opened(EVERY_STATE, language=language)
    looks = [".drill-is-nobody", ".drill-world", ".drill-is-sometimes.drill-world", ".drill-is-unsure"]
    for place, look in enumerate(looks):
        expect(page.locator(".drill-panel").nth(place).locator(look).first).to_be_visible()
    for width in (1600, 1300, 900, 600):
        page.set_viewport_size({"width": width, "height": 1000})
        assert found(page, STICKING_OUT) == [], width
        assert found(page, OVERLAPPING) == [], width
    for theme in ("light", "dark"):
        if theme == "dark":
            darken(page)
        assert found(page, FAINT) == [], theme
        assert violations(page, ".drill-symptom") == {}, theme
    assert said == []
