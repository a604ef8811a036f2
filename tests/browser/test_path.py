"""The path in a real page: the packet is stepped by mouse and keys, levels ask, the width lays out."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.thorough import thorough

VIEW = """
from drilllib import Lesson
from drilllib.views.panel.path_view import PathView
PathView(Lesson({!r}).trace(), "en")
"""
# A view that answers a choice as a panel does.
ASKING = """
from drilllib import Lesson
from drilllib.views.panel.path_view import PathView
answer = Lesson("group-2").trace()
heard = []
def hear(key):
    heard.append(key)
    view.show(answer, 2)
view = PathView(answer, "en", reveal=1, on_where=hear)
view
"""
# Two targets, one of them stopped.
FORKED = """
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib import Lesson, Question
from drilllib.core.trace.request import trace
from drilllib.views.panel.path_view import PathView
document = Lesson("healthy").lab.snapshot().to_dict()
rule, node = document["listeners"]["lb-lab00001"][0]["Rules"][0], document["instances"][0]
other = {"InstanceId": "ins-second", "PrivateIpAddresses": ["10.0.35.99"]}
document["instances"].append({**node, **other, "SecurityGroupIds": ["sg-clb00001"]})
status = {"addresses": [{"type": "InternalIP", "address": "10.0.35.99"}]}
document["kubernetes"].append({"kind": "Node", "metadata": {"name": "node-z"}, "status": status})
rule["Targets"].insert(0, {**rule["Targets"][0], **other})
PathView(trace(Snapshot(document), Question(client="203.0.113.10", service="shop/web", port=80)), "en")
"""
SIZES = """() => [...new Set([...document.querySelectorAll('.drill-path text')].map((text) =>
  (parseFloat(getComputedStyle(text).fontSize) * text.getCTM().a).toFixed(1)))].sort()"""


def caption(page: Page):
    return page.locator(".drill-caption")


def test_the_packet_is_stepped_by_keys_to_its_end_and_back(page: Page, opened: Callable, said: list) -> None:
    """Leave, gate 1, a new connection, gate 2 drops, the CLB waits and answers in the application's place."""
    opened(VIEW.format("group-2"))
    page.locator("[data-hop=node-node-a]").focus()
    told = []
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        told.append(caption(page).inner_text())

    assert told[0].startswith("203.0.113.10 → 192.0.2.10:80")
    assert "Security group 1 is asked: ACCEPT." in told[1]
    assert "192.0.2.10:80 10.0.35.11:30713" in told[2]  # the old destination, struck out, and the new one
    assert "DROP by sg-node0001 ingress[2]" in told[3]
    assert "hears nothing" in told[4]
    assert "504 Gateway Time-out after about 4 s" in told[5]
    expect(page.locator(".drill-packet.drill-answers")).to_have_text("504")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".drill-packet.drill-waits")).to_have_count(1)
    page.keyboard.press("Home")
    expect(page.locator(".drill-packet")).to_have_count(0)
    expect(page.locator("[data-hop=node-node-a]")).to_be_focused()
    expect(page.locator(".jp-Cell")).to_have_count(1)
    assert said == []


def test_what_lies_ahead_is_dimmed_and_the_client_waits_until_the_answer(
    page: Page, opened: Callable, said: list
) -> None:
    opened(VIEW.format("healthy"))
    pod, client = page.locator("[data-way^=pod-] [data-hop]"), page.locator("[data-hop=client]")
    onward = page.locator("[data-play=next]")

    onward.click()
    expect(page.locator("[data-way^=pod-].drill-dim")).not_to_have_count(0)
    expect(client.get_by_text("waits")).to_be_visible()
    expect(client.get_by_text("200")).to_be_hidden()
    for _ in range(7):
        onward.click()
    expect(page.locator(".drill-dim")).to_have_count(0)
    expect(client.get_by_text("200")).to_be_visible()
    expect(onward).to_be_disabled()
    expect(pod).to_be_visible()
    assert said == []


@thorough
def test_it_plays_by_itself_and_stands_still_for_who_asks_for_that(page: Page, opened: Callable, said: list) -> None:
    opened(VIEW.format("group-1"))
    page.locator("[data-play=play]").click()
    expect(caption(page)).to_contain_text("gives up")
    expect(page.locator("[data-play=play]")).to_have_attribute("aria-label", "Play the packet (Space)")

    page.emulate_media(reduced_motion="reduce")
    try:
        page.locator("[data-play=first]").click()
        page.locator("[data-play=next]").click()
        page.locator("[data-play=next]").click()
        assert page.evaluate("document.querySelector('.drill-packet').getAnimations({subtree: true}).length") == 0
        expect(page.locator(".drill-packet.drill-dropped")).to_have_count(1)
    finally:
        page.emulate_media(reduced_motion="no-preference")
    assert said == []


@thorough
def test_the_layout_follows_the_width_and_type_keeps_its_size(page: Page, opened: Callable, said: list) -> None:
    opened(VIEW.format("group-2"))
    expect(page.locator(".drill-path")).to_have_count(1)
    for width, layout in ((1600, "drill-across"), (900, "drill-down"), (600, "drill-down"), (1600, "drill-across")):
        page.set_viewport_size({"width": width, "height": 1000})
        expect(page.locator(f".drill-path.{layout}")).to_have_count(1)
        assert set(page.evaluate(SIZES)) <= {"11.5", "12.0", "13.0"}
    assert said == []


def test_a_pressed_card_tells_all_of_its_place_and_says_which_groups(page: Page, opened: Callable, said: list) -> None:
    opened(VIEW.format("group-2"))
    page.evaluate("document.addEventListener('drill-place', (event) => { window.placed = event.detail; })")

    page.locator("[data-hop=node-node-a]").click()

    expect(page.locator(".drill-details")).to_contain_text("DROP by sg-node0001 ingress[2] DROP ALL 0.0.0.0/0 ALL")
    assert page.evaluate("window.placed") == {"hop": "node-node-a", "groups": ["sg-node0001"]}
    page.locator("[data-hop=node-node-a]").click()
    expect(page.locator(".drill-details")).not_to_contain_text("DROP")
    assert said == []


def test_at_the_first_level_places_are_chosen_by_keys_and_the_kernel_answers(
    page: Page, opened: Callable, said: list
) -> None:
    opened(ASKING)
    choices = page.get_by_role("radio")
    expect(choices).to_have_count(3)
    expect(page.locator(".drill-play")).to_be_hidden()
    expect(page.locator(".drill-path")).not_to_contain_text("DROP")

    choices.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")

    expect(page.locator(".drill-stopped")).to_contain_text("DROP")
    expect(page.locator(".drill-path")).not_to_contain_text("sg-node0001")
    expect(page.locator(".drill-play")).to_be_visible()
    assert said == []


@thorough
def test_lanes_fork_and_the_pressed_one_is_played(page: Page, opened: Callable, said: list) -> None:
    opened(FORKED)
    expect(page.locator(".drill-lane")).to_have_text(
        ["1 of 2 targetsdelivered", "1 of 2 targetsdropped"], use_inner_text=False
    )
    expect(page.locator("[data-hop=clb-lb-lab00001]")).to_have_count(1)

    page.locator("[data-hop=node-node-z]").click()
    for _ in range(4):
        page.locator("[data-play=next]").click()

    expect(page.locator(".drill-packet.drill-dropped")).to_have_count(1)
    assert said == []
