"""What printed commands save, assembled, is what a capture reads: by a local cloud's answers, and by its own shell."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")


from drilllib import Question, assemble, trace
from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell.wrappers import find_program
from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead, Wanted
from drilllib.core.capture.commands import file_name
from drilllib.core.capture.saved import assembled_files
from drilllib.core.diagnosis.unknowns import alone
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.facts import FactCode
from tests.cloud.capturing import InProcess
from tests.thorough import how_many

LABS = list(FAULTS)[:: how_many(9, thorough=1)]
MOST_ROUNDS = 6
ASKED = Question(client=CLIENT, service=SERVICE)


def saved(answer: Answer) -> list[Any]:
    """What kubectl or tccli prints of it."""
    if not isinstance(answer.ask, KubernetesRead):
        return [{"Response": page} for page in answer.pages]
    version = f"{answer.ask.group}/{answer.ask.version}".lstrip("/")
    typed = {"kind": answer.ask.kind, "apiVersion": version}
    return [
        {"kind": "List", "apiVersion": "v1", "items": [{**typed, **each} for each in page["items"]]}
        if "items" in page
        else {**typed, **page}
        for page in answer.pages
    ]


def without_gaps(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "gaps"}


@pytest.mark.parametrize("name", LABS)
def test_files_under_the_names_of_the_commands_are_the_capture(name: str) -> None:
    """Every field, and which kinds are complete; what was refused is what is still missing."""
    captured = InProcess(open_fault(name).to_dict()).capture(SERVICE)
    files = {file_name(each.ask): saved(each) for each in captured.answers if each.ask and each.refusal is None}
    found = assembled_files(files, Wanted(service=SERVICE))

    assert without_gaps(found.assembly.document) == without_gaps(captured.assembly.document)
    assert set(found.missing) == {each.ask for each in captured.answers if each.refusal}


def test_a_list_under_another_name_proves_nothing_about_what_is_not_there() -> None:
    """Somebody's own pods.json may be a part of them."""
    captured = InProcess(open_fault("healthy").to_dict()).capture(SERVICE)
    files = {f"{place}.{_group(each)}.json": saved(each) for place, each in enumerate(captured.answers)}
    files = {name: documents for name, documents in files.items() if documents}
    found = assembled_files(files, Wanted(service=SERVICE))

    assert captured.assembly.document["complete"]["kubernetes"]
    assert "complete" not in found.assembly.document
    assert trace(captured.snapshot(), ASKED).verdict == "reachable"
    assert {alone(each).code for each in trace(found.snapshot, ASKED).gaps} == {FactCode.UNREAD_POLICIES}


def _group(answer: Answer) -> str:
    """The group that rules are of, without which they are not read."""
    return str(answer.ask.request.get("SecurityGroupId", "")) if isinstance(answer.ask, CloudCall) else ""


@pytest.mark.skipif(find_program("kubectl") is None, reason="kubectl is not installed")
def test_the_commands_as_printed_lead_to_the_labs_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Round by round in a shell of the cloud, with the real kubectl and the stand-in for tccli or the real one."""
    with LocalCloud(open_fault("group-2").to_dict()) as cloud:
        done: set[str] = set()
        for _ in range(MOST_ROUNDS):
            found = assemble(sorted(Path(cloud.work).glob("*.json")), SERVICE)
            lines = [line for line in map(str, found.commands) if line not in done]
            for line in lines:
                cloud.run(line)
            done |= {*lines}
            if not lines:
                break
        truth = trace(cloud.state.snapshot(), ASKED)

    answer = trace(found.snapshot, ASKED)
    assert (answer.verdict, answer.blockers) == (truth.verdict, truth.blockers)
    assert found.commands == ()
    assert json.dumps(found.assembly.document)
