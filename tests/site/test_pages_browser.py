"""The pages in a browser: in both languages, small and wide, light and dark, without scripts, from a disk."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.thorough import one_in
from tests.waits import PATIENCE_S

PLACES = [
    *("index.html", "zh/index.html", "en/lessons/02-node.html", "zh/lessons/06-exact.html", "zh/read.html"),
    *("en/docs/model.html", "zh/docs/practice.html", "en/tool.html", "zh/project/README.zh-CN.html"),
]
VIEWS = [(360, "dark"), (900, "light"), (360, "light"), (900, "dark")]
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STILL = {"reduced_motion": "reduce"}


def view(width: int, theme: str) -> dict:
    return {"viewport": {"width": width, "height": 900}, "color_scheme": theme, **STILL}


@pytest.mark.parametrize("place", one_in(5, PLACES))
def test_axe_finds_nothing_and_nothing_sticks_out(visit, place: str) -> None:
    """Contrast, names, roles, order of headings; on a phone, too."""
    for width, theme in one_in(2, VIEWS):
        page = visit(place, **view(width, theme))
        page.locator(".site-search input").wait_for()
        assert page.evaluate(TOO_WIDE) <= 0, (width, theme)
        seen = Axe().run(page).response["violations"]
        told = {each["id"]: [node["html"][:150] for node in each["nodes"]] for each in seen}
        assert told == {}, (width, theme)


def test_no_request_leaves_the_origin(visit, asked: list[str], host: str) -> None:
    for place in one_in(5, PLACES):
        visit(place).locator(".site-search input").focus()
    assert len(asked) > 10
    assert [each for each in asked if not each.startswith((host, "data:"))] == []


@pytest.mark.parametrize(
    ("locale", "shown"), [("zh-CN", "/zh/index.html"), ("zh-TW", "/zh/index.html"), ("en-GB", "/index.html")]
)
def test_the_language_is_the_browsers(visit, host: str, locale: str, shown: str) -> None:
    """And the switch leads back to the other one, whatever the browser prefers."""
    page = visit("index.html", locale=locale, **STILL)
    expect(page).to_have_url(f"{host}{shown}")
    language = page.locator("html").get_attribute("lang")
    page.locator(".site-switch").click()
    expect(page.locator("html")).not_to_have_attribute("lang", language)
    page.wait_for_timeout(200)
    expect(page.locator("html")).not_to_have_attribute("lang", language)


def test_without_scripts_all_is_there_to_read(visit) -> None:
    page = visit("index.html", java_script_enabled=False, locale="zh-CN")
    expect(page.locator("#picture svg text", has_text="DROP")).to_be_visible()
    assert page.locator(".site-search").is_hidden()
    page.get_by_text("中文", exact=True).click()
    expect(page.locator("h1")).to_contain_text("安全组")
    page.locator(".site-head").get_by_text("阅读").click()
    page.get_by_text("02 安全组 2：节点").click()
    expect(page.locator("h1")).to_have_text("02 安全组 2：节点")


def test_the_packet_moves_and_is_still_for_whoever_wants_it_still(visit) -> None:
    count = "() => document.querySelector('.drill-count').textContent"
    still = visit("index.html", **STILL)
    still.locator("[data-play=next]").wait_for()
    start = still.evaluate(count)
    moving = visit("index.html", viewport={"width": 1200, "height": 1200})
    moving.wait_for_function(f"start => ({count})() !== start", arg=start, timeout=PATIENCE_S * 1000)
    assert moving.locator(".drill-packet").count() == 1
    assert still.evaluate(count) == start
    assert still.locator(".drill-packet").count() == 0
    still.locator("[data-play=next]").click()
    expect(still.locator(".drill-packet")).to_have_count(1)


@pytest.mark.parametrize(
    ("place", "typed", "words"),
    one_in(
        3,
        [
            ("zh/index.html", "安全组", "安全组"),
            ("en/read.html", "pass-to-targ", "pass-to-target"),
            ("en/docs/lint.html", "accept_cancel", "ACCEPT_CANCELLED"),
            ("zh/lessons/02-node.html", "时通时断", "时通时断"),
        ],
    ),
)
def test_a_search_finds_and_leads_there(visit, host: str, place: str, typed: str, words: str) -> None:
    """By the beginning of a word, by Chinese within a sentence; from any folder of the site."""
    page = visit(place, **STILL)
    page.locator(".site-search input").fill(typed)
    hits = page.locator(".site-hits a")
    hits.first.wait_for()
    assert hits.count() <= 20
    address = hits.first.evaluate("link => link.href")
    hits.first.click()
    expect(page).to_have_url(address)
    assert address.startswith(f"{host}/{place[:2]}/")
    expect(page.locator("article")).to_contain_text(words)


def test_a_search_for_what_is_nowhere_says_so(visit) -> None:
    page = visit("en/read.html", **STILL)
    page.locator(".site-search input").fill("zyxwvut")
    expect(page.locator(".site-said")).to_have_text("Nothing found")
    expect(page.locator(".site-hits")).to_be_hidden()


def test_it_can_be_read_and_searched_from_a_disk(visit, pages: Path) -> None:
    page = visit("index.html", base=pages.as_uri(), **STILL)
    page.locator("[data-play=play]").wait_for()
    page.locator(".site-head").get_by_text("Read", exact=True).click()
    page.locator(".site-search input").fill("nodeport")
    page.locator(".site-hits a").first.click()
    expect(page.locator("article")).to_be_visible()


def test_on_paper_there_is_the_text_and_all_of_it(visit) -> None:
    page = visit("en/lessons/02-node.html", **STILL)
    page.emulate_media(media="print")
    assert page.locator(".site-head").is_hidden()
    assert page.locator(".site-side").is_hidden()
    expect(page.locator("details p").first).to_be_visible()
