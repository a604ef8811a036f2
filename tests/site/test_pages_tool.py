"""The engineer's page in a browser, with the Python that the site brings along: pasted, diagnosed, nothing sent."""

import json
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.waits import PATIENCE_S

CLOSED = {"reduced_motion": "reduce", "viewport": {"width": 900, "height": 900}}


def ended(page) -> None:
    """Wait until it is answered."""
    expect(page.locator("[type=submit]")).to_be_enabled(timeout=PATIENCE_S * 1000)


def test_an_example_is_diagnosed_in_the_page(visit, whole_host: str, asked: list[str]) -> None:
    """And once Python is there, no request is made, whatever is asked."""
    page = visit("en/tool.html", base=whole_host, **CLOSED)
    page.locator("#example").click()
    page.locator("[type=submit]").click()
    ended(page)
    expect(page.locator(".site-answer h2")).to_contain_text("TARGET_GROUP_DROPPED")
    expect(page.locator(".site-answer .drill-path-view svg text", has_text="DROP")).to_be_visible()
    inside = page.frame_locator(".site-answer iframe")
    expect(inside.locator("h1")).to_contain_text("TARGET_GROUP_DROPPED")
    assert all(each.startswith((whole_host, "blob:", "about:", "data:")) for each in asked)
    assert any(each.endswith("pyodide.asm.wasm") for each in asked)
    assert Axe().run(page).response["violations"] == []

    before = len(asked)
    page.locator("#clients").fill("198.51.100.7")
    page.locator("[type=submit]").click()
    expect(page.locator(".site-answer .drill-path-view")).to_contain_text("198.51.100.7")
    assert [each for each in asked[before:] if not each.startswith(("about:", "data:", "blob:"))] == []

    page.locator("#pasted").fill("no json <b>")
    page.locator("[type=submit]").click()
    ended(page)
    expect(page.locator(".site-status.site-wrong")).not_to_be_empty()
    expect(page.locator(".site-answer")).to_be_hidden()


def test_files_are_taken_and_removed(visit, whole_host: str) -> None:
    """JSON and YAML, as they were saved."""
    by_hand = sorted((Path(__file__).parents[1] / "core" / "by_hand").iterdir())
    page = visit("zh/tool.html", base=whole_host, **CLOSED)
    page.locator("#chosen").set_input_files(by_hand)
    expect(page.locator(".site-files li")).to_have_count(len(by_hand))
    page.locator(".site-files button").first.click()
    expect(page.locator(".site-files li")).to_have_count(len(by_hand) - 1)
    page.locator("#clients").fill("203.0.113.10")
    page.locator("[type=submit]").click()
    ended(page)
    expect(page.locator(".site-answer h2")).to_contain_text("edge/gateway")
    with page.expect_download() as saved:
        page.locator(".site-answer a[download='snapshot.json']").click()
    snapshot = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert snapshot["schema"].startswith("drilllib/snapshot")
    assert any(each["kind"] == "Service" for each in snapshot["kubernetes"])


def test_the_browser_itself_keeps_the_page_from_other_servers(visit) -> None:
    """What a policy of the page forbids, no mistake of ours can do."""
    page = visit("en/tool.html", **CLOSED)
    other = "http://127.0.0.2:9/"
    tried = page.evaluate(
        """async (url) => {
          const told = new Promise((done) => document.addEventListener("securitypolicyviolation",
            (event) => done(event.effectiveDirective)));
          await fetch(url).catch(() => {});
          return Promise.race([told, new Promise((done) => setTimeout(() => done("nothing"), 3000))]);
        }""",
        other,
    )
    assert tried == "connect-src"


def test_from_a_disk_it_says_what_to_do(visit, pages: Path) -> None:
    page = visit("en/tool.html", base=pages.as_uri(), **CLOSED)
    expect(page.locator(".site-status")).to_contain_text("http.server")
    expect(page.locator(".site-ask")).to_be_hidden()
    expect(page.locator("article pre")).to_contain_text("kubectl get")


def test_without_python_in_the_site_the_page_says_so(visit) -> None:
    """A host that lost the folder, or a connection that broke."""
    page = visit("en/tool.html", **CLOSED)
    page.route("**/lite/**", lambda route: route.abort())
    page.locator("#example").click()
    page.locator("[type=submit]").click()
    ended(page)
    expect(page.locator(".site-status.site-wrong")).to_contain_text("could not be loaded")
