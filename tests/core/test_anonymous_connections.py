"""A snapshot without names answers connections as the one with them."""

import pytest
from connection_truths_changes import headless
from worlds_connections import world

from drilllib.core.capture.keep import Keeper
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills.networks import two_workloads
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.snapshot.ledger.cloud import INSTANCE, NETWORK_INTERFACE
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace
from drilllib.errors import InvalidInputError
from tests.thorough import how_many


def object_names(snapshot: Snapshot) -> list[str]:
    """Every node, pod and Service as a source or a door is written, in the order of the objects."""
    items = snapshot.to_dict()["kubernetes"]
    named = [(item["kind"], item["metadata"]) for item in items]
    found = [f"node/{data['name']}" for kind, data in named if kind == "Node"]
    found += [f"pod/{data.get('namespace')}/{data['name']}" for kind, data in named if kind == "Pod"]
    return found + [f"svc/{data.get('namespace')}/{data['name']}" for kind, data in named if kind == "Service"]


def both(snapshot: Snapshot, asked: Connection) -> tuple[Trace, Trace]:
    """The answers before and after the names are taken out."""
    outside = [text for text in (asked.client, asked.door) if "/" not in text]
    found = anonymous(snapshot, outside)
    new = dict(zip(object_names(snapshot), object_names(found.snapshot), strict=True))
    ends = [
        new.get(text) or (text if "/" in text else found.replaced.get(text, text))
        for text in (asked.client, asked.door)
    ]
    there = Connection(client=ends[0], door=ends[1], port=asked.port, protocol=asked.protocol)
    return trace(snapshot, asked), trace(found.snapshot, there)


def test_a_cluster_ip_is_kept_as_an_address_and_its_policy_as_it_is() -> None:
    snapshot = Snapshot(two_workloads())
    before, after = both(snapshot, Connection(client="pod/shop/web-1", door="svc/db/mysql"))
    (spec,) = (
        item["spec"] for item in anonymous(snapshot).snapshot.to_dict()["kubernetes"] if item["kind"] == "Service"
    )

    assert (before.verdict, after.verdict) == ("reachable", "reachable")
    assert spec["internalTrafficPolicy"] == "Cluster"
    assert spec["clusterIP"] != "withheld"


def test_a_service_without_an_address_stays_one() -> None:
    document = two_workloads()
    headless(document)
    specs = [
        item["spec"]
        for item in anonymous(Snapshot(document)).snapshot.to_dict()["kubernetes"]
        if "ports" in item.get("spec", {})
    ]

    assert [spec["clusterIP"] for spec in specs] == ["None"]


def test_random_connections_are_answered_as_before() -> None:
    met = set()
    for seed in range(how_many(60, thorough=300, long=3_000)):
        case = world(seed)
        if case.question["source"].startswith("node/ins-") or case.question["door"].startswith("node/ins-"):
            continue  # by the id of a machine
        asked = Connection(
            client=case.question["source"],
            door=case.question["door"],
            port=case.question["port"],
            protocol=case.question["protocol"],
        )
        try:
            before, after = both(Snapshot(case.document), asked)
        except InvalidInputError:
            continue  # a ClusterIP that is not there
        assert (before.verdict, before.reason, before.symptoms) == (after.verdict, after.reason, after.symptoms), seed
        met.add((asked.door.partition("/")[0] if "/" in asked.door else "address", str(before.verdict)))

    assert {kind for kind, _ in met} == {"node", "pod", "svc", "address"}
    assert {"reachable", "unreachable", "undetermined"} <= {verdict for _, verdict in met}


@pytest.mark.parametrize("door", ["172.16.60.201"])
def test_the_real_cluster_ip_is_not_left(door: str) -> None:
    found = anonymous(Snapshot(two_workloads()))

    assert found.replaced.get(door, door) in str(found.snapshot.to_dict())


def with_public_addresses() -> dict:
    """The database's interface and its node have public addresses, and everybody is let in."""
    document = two_workloads()
    for item in document["network_interfaces"]:
        for entry in item["PrivateIpAddressSet"]:
            entry["PublicIpAddress"] = f"198.51.100.{entry['PrivateIpAddress'].rpartition('.')[2]}"
    for number, item in enumerate(document["instances"]):
        item["PublicIpAddresses"] = [f"198.51.100.{200 + number}"]
    everybody = {"Action": "ACCEPT", "Protocol": "ALL", "Port": "ALL", "CidrBlock": "0.0.0.0/0", "PolicyIndex": 0}
    for item in document["security_groups"].values():
        item["SecurityGroupPolicySet"]["Ingress"] = [everybody]
    return document


@pytest.mark.parametrize(("door", "port"), [("pod/db/mysql-0", 3306), ("node/node-a", 30306)])
def test_a_public_address_stays_one(door: str, port: int) -> None:
    """From outside a pod or a node is reached by nothing else."""
    before, after = both(Snapshot(with_public_addresses()), Connection(client="203.0.113.10", door=door, port=port))

    assert (before.verdict, after.verdict) == ("reachable", "reachable")


@pytest.mark.parametrize(("door", "port"), [("pod/db/mysql-0", 3306), ("node/node-a", 30306)])
def test_what_a_capture_keeps_is_enough_for_it(door: str, port: int) -> None:
    document = with_public_addresses()
    document["network_interfaces"] = [
        Keeper().object(NETWORK_INTERFACE, item) for item in document["network_interfaces"]
    ]
    document["instances"] = [Keeper().object(INSTANCE, item) for item in document["instances"]]
    answer = trace(Snapshot(document), Connection(client="203.0.113.10", door=door, port=port))

    assert answer.verdict == "reachable"
