"""What a lab of real packets would play otherwise than the model says, it refuses and names."""

import pytest
from builders import lab
from changes import Change, second_target
from changes_cluster import second_pod
from changes_real import (
    UNREAD,
    health_check_port,
    policy,
    redirecting,
    state,
    sticky_listener,
    sticky_service,
    zones,
)

from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.facts import FactCode
from drilllib.core.trace.answer import Question
from drilllib.core.trace.entry import entry_of
from drilllib.errors import LabStateError
from drilllib.labs.netns.plan import plan_of
from drilllib.labs.netns.playable import require_client


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ((redirecting(),), "RewriteTarget of loc-lab00001"),
        ((sticky_service,), "sessionAffinity of shop/web"),
        ((second_target, health_check_port(CheckType="HTTP")), "healthCheckNodePort"),
        ((state("STOPPED"),), "InstanceState of ins-nodea001"),
        ((policy(),), "spec of shop/deny"),
        ((second_pod, zones), "hints of shop/web"),
        ((UNREAD[FactCode.TRAFFIC_POLICY],), "externalTrafficPolicy of shop/web"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_a_real_lab_does_not_play_is_refused(changes: tuple[Change, ...], named: str) -> None:
    with pytest.raises(LabStateError, match=named.replace("(", r"\(")):
        plan_of(lab(*changes), CLIENT)


@pytest.mark.parametrize("client", ["10.0.35.11", "10.0.36.12"])
def test_a_client_inside_is_refused(client: str) -> None:
    """kube-proxy on its own node would answer it."""
    with pytest.raises(LabStateError, match="is an address inside the lab"):
        plan_of(lab(), client)


def test_a_private_client_of_a_public_vip_is_refused() -> None:
    """It would get there by a NAT gateway or an EIP, under that address; a lab without one would show its own."""
    with pytest.raises(LabStateError, match="is private and 192"):
        require_client(lab(), entry_of(lab(), Question(client="10.9.0.5", service="shop/web")))
    require_client(lab(), entry_of(lab(), Question(client=CLIENT, service="shop/web")))


def test_a_sticky_layer_4_listener_is_refused_and_one_at_layer_7_is_played() -> None:
    with pytest.raises(LabStateError, match="SessionExpireTime of lbl-lab00001"):
        plan_of(lab(sticky_listener, listener="TCP"), CLIENT)
    assert plan_of(lab(sticky_listener), CLIENT).hosts
