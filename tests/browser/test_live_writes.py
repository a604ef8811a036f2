"""
The panel of a lesson in a cluster that is asked over sockets, as `drill course --lab live` has it: clicks that take
long freeze nothing, and somebody else's change is told, shown and kept.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.policies import rule_from_text
from drilllib.labs.live.roles import PARTS
from tests.browser.test_life import RUN_CELL, run_cell
from tests.labs.live import consented
from tests.thorough import thorough

PANEL = "from drilllib import Lesson\nlesson = Lesson('group-2')\nlesson.panel('sg-node0001', reveal=3)"
THEIRS = "ACCEPT TCP 10.9.9.9 22"


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """The course's cluster, whose owner has consented; simulated packets behind it."""
    with LocalCloud(consented(open_fault("healthy").to_dict())) as made:
        yield made


def settings(cloud: LocalCloud) -> str:
    """Code that puts into the kernel's environment what `drill course --lab live` in `drill shell` would."""
    groups = ",".join(f"{part}={group}" for part, group in PARTS.items())
    own = {"DRILL_LAB": "live", "DRILL_GROUPS": groups, "DRILL_CLIENT": CLIENT}
    keys = json.loads((cloud.home / "clients.json").read_text(encoding="utf-8"))["drill"]["variables"]
    return f"import os\nos.environ |= {dict(cloud.environment) | keys | own!r}"


def texts(cloud: LocalCloud) -> list[str]:
    return [rule.text for rule in cloud.state.snapshot().group(NODE_GROUP).rules("ingress") or ()]


def put_on_top(cloud: LocalCloud, line: str) -> None:
    """Somebody else's rule, from the console."""
    with cloud.state.writing(settled=True) as held:
        rules = held["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]
        listed = [rule_from_text(line).policy, *rules["Ingress"]]
        rules["Ingress"] = [{**each, "PolicyIndex": at} for at, each in enumerate(listed)]
        rules["Version"] = str(int(rules["Version"]) + 1)


def before_the_next_write(cloud: LocalCloud, step: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let *step* happen when a write has come to the cloud, and before it is done."""
    write, once = cloud.tencent._write, [step]

    def late(*arguments: Any) -> Any:
        if once:
            once.pop()()
        return write(*arguments)

    monkeypatch.setattr(cloud.tencent, "_write", late)


@thorough
def test_a_click_is_a_write_to_the_cluster_that_freezes_nothing(
    page: Page, opened: Callable, cloud: LocalCloud, said: list
) -> None:
    """While the cloud takes its time the panel is marked busy and other cells run; then the request gets its 200."""
    opened(f"{settings(cloud)}\n{PANEL}", "print('on')", run=False)
    page.evaluate(RUN_CELL)
    row = page.locator(".drill-list .drill-rule").filter(has=page.locator("input[aria-label*='DROP']"))
    expect(row).to_have_count(1)
    cloud.faults.set("slow", "DeleteSecurityGroupPolicies", seconds=3)
    row.get_by_role("checkbox").click()

    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "true")
    assert run_cell(page, 1).strip() == "on"
    expect(page.locator(".drill-rules")).to_have_attribute("aria-busy", "false")
    expect(page.locator(".drill-outcome")).to_contain_text("200 OK")
    assert [each for each in texts(cloud) if each.startswith("DROP")] == []
    assert said == []


@thorough
def test_somebody_elses_change_is_told_shown_and_kept(
    page: Page, opened: Callable, cloud: LocalCloud, said: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click on what was shown before writes nothing; the panel says so and shows what there is."""
    opened(f"{settings(cloud)}\n{PANEL}", run=False)
    page.evaluate(RUN_CELL)
    row = page.locator(".drill-list .drill-rule").filter(has=page.locator("input[aria-label*='DROP']"))
    expect(row).to_have_count(1)
    before = texts(cloud)
    before_the_next_write(cloud, lambda: put_on_top(cloud, THEIRS), monkeypatch)
    row.get_by_role("checkbox").click()

    expect(page.get_by_role("alert").filter(has_text="somebody else")).to_be_visible()
    assert texts(cloud) == [THEIRS, *before]
    expect(page.locator(".drill-list .drill-rule").first).to_contain_text("10.9.9.9")
    assert said == []
