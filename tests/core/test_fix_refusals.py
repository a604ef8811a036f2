"""What `fix` refuses: what groups cannot repair, and clients and Services that cannot be any."""

import pytest
from changes import (
    ingress,
    no_listener,
    no_targets,
)
from changes_cluster import (
    cluster,
    group_unread,
    local_policy,
    no_endpoint_slice,
    no_endpoints,
)
from fix_changes import CLIENTS, blocks, repaired, said

from drilllib.core.drills import faults
from drilllib.core.drills.default_lab import (
    CLB_GROUP,
    NODE_GROUP,
)
from drilllib.core.fix.proposals import fix
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, UnknownNameError

CAUSES = {
    "no targets": (no_targets, "NO_TARGETS"),
    "no listener": (no_listener, "NO_LISTENER"),
    "no endpoints": (no_endpoints, "NO_ENDPOINTS"),
    "no endpoint on the node": (local_policy, "NO_LOCAL_ENDPOINT"),
    "endpoints not read": (no_endpoint_slice, "FACT_MISSING"),
    "group not read": (group_unread(NODE_GROUP), "FACT_MISSING"),
    "a network that is not modelled": (cluster(NetworkType="CiliumOverlay"), "NOT_MODELLED"),
}


@pytest.mark.parametrize(("change", "reason"), CAUSES.values(), ids=CAUSES)
def test_what_groups_cannot_repair_is_refused(change: object, reason: str) -> None:
    answer = repaired(change)

    assert (answer.works, answer.proposals) == (False, ())
    assert [each.reason for each in answer.left] == [reason]
    assert answer.verdict == answer.left[0].verdict


def test_with_two_causes_the_groups_part_is_proposed_and_the_rest_is_left() -> None:
    answer = repaired(ingress(CLB_GROUP), no_endpoints)

    assert not answer.works
    assert said(answer.proposals[0]) == [f"insert {CLB_GROUP} 0: ACCEPT TCP {CLIENTS} 80"]
    assert [each.reason for each in answer.left] == ["NO_ENDPOINTS"]


BAD_CLIENTS = {
    "nobody": (),
    "the other family": ("2001:db8::/64",),
    "a node": ("10.0.35.11/32",),
    "a pod": ("10.0.36.12/32",),
    "loopback": ("127.0.0.0/8",),
}


@pytest.mark.parametrize("clients", BAD_CLIENTS.values(), ids=BAD_CLIENTS)
def test_clients_that_cannot_be_any_are_refused(clients: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError):
        repaired(clients=clients)


def test_a_service_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        fix(faults.open_fault("healthy"), Question(service="shop/other"), blocks(CLIENTS))
