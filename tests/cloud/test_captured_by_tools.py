"""
`drill capture --via tools`, with the real tccli and the real kubectl over sockets: clusters whose machines CVM does not
know are read as the SDK reads them.
"""

import json
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell.wrappers import find_program
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from tests.cloud.test_captured_kinds import MADE_BY_TKE
from tests.thorough import thorough

MISSING = [name for name in ("tccli", "kubectl") if find_program(name) is None]
CAPTURE = "drill capture web -n shop --out"


def native_lab() -> dict[str, Any]:
    """A client is stopped at a node of a native pool, whose machine and group only the newer TKE call tells."""
    document = json.loads(json.dumps(open_fault("group-2").to_dict()).replace('"ins-node', '"eks-node'))
    document["load_balancers"][0]["Tags"] = MADE_BY_TKE
    return dict(document)


def without_nulls(text: str) -> Any:
    """What a snapshot says, without tccli's null for each field that an answer does not have."""
    return json.loads(text, object_hook=lambda each: {key: value for key, value in each.items() if value is not None})


@thorough
@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (make tccli)")
def test_native_machines_are_read_by_tccli_as_by_the_sdk() -> None:
    """The newer version of TKE's API is the one that tccli is told to ask."""
    with LocalCloud(native_lab()) as cloud:
        done = [cloud.run(f"{CAPTURE} {name}.json{via}") for name, via in (("tools", " --via tools"), ("sdk", ""))]
        tools, sdk = (without_nulls((cloud.work / f"{name}.json").read_text("utf-8")) for name in ("tools", "sdk"))

    assert [each.code for each in done] == [0, 0], done[0].out + done[0].err
    assert {each["InstanceId"] for each in tools["instances"]} == {"eks-nodea001", "eks-nodeb001"}
    assert tools == sdk
    found = trace(Snapshot(tools), Question(client=CLIENT, service=SERVICE))
    assert [(str(each.hop), each.check and each.check.groups) for each in found.blockers] == [
        ("node", ("sg-node0001",))
    ]
