"""The panel on a real cluster: clicks are guarded writes, others' changes are told and shown, and no click waits."""

import threading
import time
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.trace.answer import Question
from drilllib.labs.live.lab import LiveLab
from drilllib.views.panel.panel import DrillPanel
from tests.labs.live import InProcessCloud, unowned
from tests.labs.test_live_opening import by_hand, rules
from tests.waits import PATIENCE_S

INGRESS = f"{NODE_GROUP} ingress"
THEIRS = "ACCEPT TCP 10.9.9.9 22"
Played = tuple[InProcessCloud, LiveLab, DrillPanel]


@pytest.fixture
def played(tmp_path: Path) -> Played:
    """A cluster with the fault of lesson 02, and a panel on it."""
    cloud = InProcessCloud(unowned(open_fault("group-2").to_dict()), tmp_path)
    lab = cloud.lab()
    question = Question(client=CLIENT, service=SERVICE, port=80)
    return cloud, lab, DrillPanel(lab, question, "en", groups=[NODE_GROUP])


def shown(panel: DrillPanel) -> list[Any]:
    return cast("list[Any]", next(each["rules"] for each in panel.rules.state["lists"] if each["id"] == INGRESS))


def click(panel: DrillPanel, text: str) -> dict[str, Any]:
    """What the page sends when the rule is deleted."""
    key = next(rule["key"] for rule in shown(panel) if text in rule["text"])
    return {"do": "delete", "list": INGRESS, "key": key, "ticket": 1}


def before_writing(lab: LiveLab, step: Any) -> None:
    """Let *step* happen after the last look, right before the guard writes."""
    guard = cast(Any, lab._guard)
    write = guard.replace_rules

    def held(*arguments: Any, **words: Any) -> None:
        step()
        write(*arguments, **words)

    guard.replace_rules = held


def test_a_click_changes_the_cluster_and_the_next_request(played: Played) -> None:
    """The DROP goes, the rule below decides, and the request that is really sent gets its 200."""
    cloud, _, panel = played
    panel.do(**click(panel, "DROP ALL"))

    assert "DROP ALL 0.0.0.0/0 ALL" not in rules(cloud)[NODE_GROUP][0]
    assert "200 OK" in panel.symptom.state["transcript"]
    assert panel.rules.state["alert"] == ""


def test_a_change_of_somebody_elses_is_told_shown_and_kept(played: Played) -> None:
    """It came between the last look and the click's write: the click does nothing, and can be made again."""
    cloud, lab, panel = played
    kept = rules(cloud)[NODE_GROUP][0]
    once = [lambda: by_hand(cloud, NODE_GROUP, THEIRS, *kept)]
    before_writing(lab, lambda: once and once.pop()())
    panel.do(**click(panel, "DROP ALL"))

    assert "somebody else" in panel.rules.state["alert"]
    assert rules(cloud)[NODE_GROUP][0] == [THEIRS, *kept]
    assert THEIRS in [rule["text"] for rule in shown(panel)]

    panel.do(**click(panel, "DROP ALL"))

    assert rules(cloud)[NODE_GROUP][0] == [THEIRS, *(each for each in kept if not each.startswith("DROP ALL"))]
    assert panel.rules.state["alert"] == ""


def test_undo_brings_back_what_was_there(played: Played) -> None:
    """As in every lab; the cluster's list is the one before the click."""
    cloud, _, panel = played
    before = rules(cloud)
    panel.do(**click(panel, "DROP ALL"))
    panel.do(do="undo", ticket=2)

    assert rules(cloud) == before


def test_no_click_waits_for_the_cloud(played: Played) -> None:
    """A write takes as long as it takes: the kernel goes on meanwhile, and the page is answered when it is done."""
    cloud, lab, panel = played
    reached, go_on = threading.Event(), threading.Event()
    before_writing(lab, lambda: (reached.set(), go_on.wait(PATIENCE_S)))
    panel._worker.put(click(panel, "DROP ALL"))

    assert reached.wait(PATIENCE_S)
    assert panel.rules.state["ticket"] == 0  # so long, the page shows that it waits
    go_on.set()
    end = time.monotonic() + PATIENCE_S
    while panel.rules.state["ticket"] != 1 and time.monotonic() < end:
        time.sleep(0.01)
    assert "DROP ALL 0.0.0.0/0 ALL" not in rules(cloud)[NODE_GROUP][0]
