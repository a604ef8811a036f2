"""Why something was not read is said in Chinese to whoever reads Chinese, though a snapshot notes it in English."""

import ast
from pathlib import Path

import pytest

import drilllib
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.views.phrases.gaps import gap_reason
from drilllib.views.text.diagnose import diagnosis_text

CAPTURE = Path(drilllib.__file__).parent / "core" / "capture"
WRITERS = ("join", "listeners", "cloud_parts", "cluster_part", "naming", "saved")


def templates() -> set[str]:
    """Every reason that the parts of a capture write."""
    trees = [ast.parse((CAPTURE / f"{name}.py").read_text(encoding="utf-8")) for name in WRITERS]
    calls = [each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Call)]
    made = [each.args[0] for each in calls if isinstance(each.func, ast.Name) and each.func.id == "Message"]
    return {each.value for each in made if isinstance(each, ast.Constant) and isinstance(each.value, str)}


@pytest.mark.parametrize("template", sorted(templates()))
def test_every_reason_of_a_capture_is_said_in_chinese(template: str) -> None:
    names = {"code": "X.Y", "permission": "clb:DescribeListeners", "why": "not read", "source": "'a.json'"}
    why = template.format(**names, rows=1, total=2, name="eniipamd", names="cls-1, cls-2")

    assert gap_reason(why, "en") == why
    assert any("\u4e00" <= each <= "\u9fff" for each in gap_reason(why, "zh"))


def test_a_reason_of_somebody_else_stays_as_it_is() -> None:
    assert gap_reason("the disk was {full}", "zh") == "the disk was {full}"


def test_a_refusal_on_the_first_screen_is_in_chinese() -> None:
    document = open_fault("group-2").to_dict()
    why = "not allowed (UnauthorizedOperation); grant clb:DescribeListeners"
    snapshot = Snapshot({**document, "gaps": [{"what": "clb DescribeListeners lb-1", "why": why}]})
    found = diagnose(snapshot, Question(service="shop/web"), ["203.0.113.10"])

    assert "没有权限（UnauthorizedOperation）；请授予 clb:DescribeListeners" in diagnosis_text(snapshot, found, "zh")
    assert why in diagnosis_text(snapshot, found, "en")
