"""A private CLB behind an EIP, over sockets: a URL at the EIP leads to it, and public clients come in by it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")
pytest.importorskip("tencentcloud.common", reason="the SDK is not installed")
pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")

from drilllib.core.drills.default_lab import BALANCER, CLIENT, SERVICE, default_lab
from drilllib.core.facts import FactCode
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import UnknownNameError
from tests.cloud.sockets import serving

EIP, VIP = "81.70.3.4", "10.0.35.100"


def world(status: str) -> dict[str, Any]:
    """The lab with a private CLB; the EIP was bound to it, and is, or is not any more."""
    document: dict[str, Any] = deepcopy(dict(default_lab()))
    document["load_balancers"][0] |= {"LoadBalancerType": "INTERNAL", "LoadBalancerVips": [VIP]}
    service = next(item for item in document["kubernetes"] if item["kind"] == "Service")
    service["status"]["loadBalancer"]["ingress"] = [{"ip": VIP}]
    document["listeners"][BALANCER][0]["Rules"][0]["Domain"] = EIP
    to = BALANCER if status == "BIND" else None
    document["cloud"] = {
        "addresses": [{"AddressId": "eip-lab00001", "AddressIp": EIP, "InstanceId": to, "AddressStatus": status}]
    }
    return document


def test_a_url_at_an_eip_is_the_private_balancer_behind_it(tmp_path: Path) -> None:
    with serving(tmp_path, world("BIND")) as sockets:
        by_url = sockets.capture(f"http://{EIP}/")
    found = trace(by_url.snapshot, Question(client=CLIENT, vip=EIP, port=80))

    assert by_url.wanted.load_balancer == BALANCER
    assert by_url.assembly.document["load_balancers"][0]["LoadBalancerVips"] == [VIP, EIP]
    assert (found.verdict, found.gaps) == ("reachable", ())


def test_without_one_nobody_knows_how_the_public_come_in(tmp_path: Path) -> None:
    """And an address that nothing has is said to be nobody's."""
    with serving(tmp_path, world("UNBIND")) as sockets:
        found = trace(sockets.capture(SERVICE).snapshot, Question(client=CLIENT, service=SERVICE, host=EIP))
        with pytest.raises(UnknownNameError, match="Neither a Service nor a load balancer"):
            sockets.capture(f"http://{EIP}/")

    assert FactCode.EIP_OF_BALANCER in {each.code for each in found.gaps}
    assert found.verdict == "undetermined"
