"""
Attempts at the worlds made by hand, and the grade that each deserves: the wrong ones came first.

A grade is written as the letters of the parts that hold, L for localised, R for repaired and S for restrained; `told`
are parts of what has to be said for those that do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from drilllib.core.drills import variants
from drilllib.core.drills.worlds.world import Cause
from tests.core.hand_made_worlds import (
    AT_CLB,
    CLB_CAUSE,
    IN_AT_CLB,
    IN_AT_NODE,
    IN_AT_POD,
    NODE_CAUSE,
    NODE_OF_DRILL,
    OLD_CAUSE,
    ON_NODE_A,
    ON_NODE_B,
    POD_8080,
    POD_CAUSE,
    WORLDS,
    Document,
    Step,
    cluster_policy,
    group,
    listener,
    listener_back,
    members,
    of_kind,
    open_egress,
    passing,
    ready,
    right_port,
    selected,
    state,
    weight,
)
from tests.core.repair_tables import BLOCK, CLB, CLOSED, NODE, OLD, OPEN, POD, put

UNSTATED = None


@dataclass(frozen=True)
class Case:
    """
    One attempt: what is *stated*, what is done, the *letters* of its grade, and what has to be *told*.

    *early* was stated before, *late* after the first change.
    """

    world: str
    name: str
    stated: Sequence[Cause] | None
    steps: tuple[Step, ...]
    letters: str
    told: tuple[str, ...] = ()
    early: tuple[Cause, ...] | None = None
    late: tuple[Cause, ...] | None = None


def right(world: str) -> Sequence[Cause]:
    return WORLDS[world].causes


# Steps in the document itself, as kubectl, the console and the cloud's API make them.


def new_group(name: str, *resources: str) -> Step:
    """A group that lets the clients in at the NodePort and everything out, bound in the place of all others."""

    def change(document: Document) -> None:
        variants.add_group(document, name)
        rule = {"Protocol": "TCP", "Port": "30713", "CidrBlock": BLOCK, "Action": "ACCEPT"}
        variants.set_ingress(document, name, rule)
        for each in document["instances"]:
            if each["InstanceId"] in resources:
                each["SecurityGroupIds"] = [name]

    return change


def unread(document: Document) -> None:
    """As if nobody had read what is bound."""
    document["instances"][0].pop("SecurityGroupIds")


def second_listener(document: Document) -> None:
    """The CLB listens on 22, too, which its group leaves open."""
    also = {**listener(document), "ListenerId": "lbl-also0001", "Port": 22}
    document["listeners"]["lb-lab00001"].append(also)


def pass_unread(document: Document) -> None:
    """As if nobody had read whether pass-to-target is on."""
    document["load_balancers"][0].pop("LoadBalancerPassToTarget")


def moved_service(document: Document) -> None:
    """The Service on 81, where the CLB listens."""
    of_kind(document, "Service")["spec"]["ports"][0]["port"] = 81


def no_probes(document: Document) -> None:
    listener(document)["HealthCheck"]["HealthSwitch"] = 0


def no_target(document: Document) -> None:
    listener(document)["Rules"][0]["Targets"] = []


def other_target(document: Document) -> None:
    """Node B in the place of node A."""
    change = {"InstanceId": ON_NODE_B, "PrivateIpAddresses": ["10.0.35.12"]}
    listener(document)["Rules"][0]["Targets"][0].update(change)


def template(*addresses: str) -> Step:
    """A rule at the top of the node's group that names a template of these addresses."""

    def change(document: Document) -> None:
        document["address_templates"]["ipm-clients1"] = {"AddressSet": list(addresses)}
        rules = document["security_groups"][NODE]["SecurityGroupPolicySet"]["Ingress"]
        rule = {
            "Protocol": "TCP",
            "Port": "30713",
            "AddressTemplate": {"AddressId": "ipm-clients1"},
            "Action": "ACCEPT",
        }
        variants.set_ingress(document, NODE, rule, *rules)

    return change


HALVES = tuple(put(NODE, f"ACCEPT TCP {half} 30713") for half in ("203.0.113.0/25", "203.0.113.128/25"))
WHOLE_DRILL = (IN_AT_CLB, IN_AT_NODE, IN_AT_POD)

RIGHT = [
    Case("neighbour", "one line", right("neighbour"), (IN_AT_CLB,), "LRS"),
    Case("layer 4", "one line", right("layer 4"), (IN_AT_CLB,), "LRS"),
    Case("late", "as late as the reference", right("late"), (IN_AT_CLB,), "LRS"),
    Case("half dead", "as dead as the reference", right("half dead"), (IN_AT_CLB,), "LRS"),
    Case("seen dead", "what had been seen is over", right("seen dead"), (ready,), "LRS"),
    Case("unasked", "pass-to-target, as the reference", right("unasked"), (passing(True),), "LRS"),
    Case("was unasked", "pass-to-target left on", right("was unasked"), (IN_AT_CLB,), "LRS"),
    Case("ports", "one line", right("ports"), (IN_AT_CLB,), "LRS"),
    Case("member", "the member", right("member"), (members(BLOCK, "192.0.2.77"),), "LRS"),
    Case("stale", "the others left in", right("stale"), (IN_AT_NODE,), "LRS"),
    Case("private", "one line", right("private"), (put(CLB, "ACCEPT TCP 10.9.0.0/24 80"),), "LRS"),
    Case("node", "thought again", [NODE_CAUSE], (IN_AT_NODE,), "LRS", early=(POD_CAUSE,)),
    Case("nothing", "nothing done", [], (), "LRS"),
    Case("nothing", "opened and undone", [], (put(NODE, OPEN), ("cut", NODE, 0)), "LRS"),
    Case("nothing", "a DROP that drops nobody", [], (put(CLB, CLOSED, 1),), "LRS"),
    Case("node", "one line", right("node"), (IN_AT_NODE,), "LRS"),
    Case("node", "two halves", right("node"), HALVES, "LRS"),
    Case("node", "right above the DROP", right("node"), (put(NODE, f"ACCEPT TCP {BLOCK} 30713", 2),), "LRS"),
    Case("node", "the DROP below", right("node"), (("cut", NODE, 2), put(NODE, CLOSED, 3)), "LRS"),
    Case("node", "the DROP gone, where nothing else opens", right("node"), (("cut", NODE, 2),), "LRS"),
    Case(
        "node", "opened too far and closed again", right("node"), (put(NODE, OPEN), ("cut", NODE, 0), IN_AT_NODE), "LRS"
    ),
    Case("node", "a new group in its place", right("node"), (new_group("sg-new00001", ON_NODE_A),), "LRS"),
    Case("node", "a new group on both nodes", right("node"), (new_group("sg-new00001", ON_NODE_A, ON_NODE_B),), "LRS"),
    Case("node", "a template", right("node"), (template(BLOCK),), "LRS"),
    Case("node", "what else was open closed", right("node"), (("only", NODE, f"ACCEPT TCP {BLOCK} 30713"),), "LRS"),
    Case("node", "said twice", [NODE_CAUSE, NODE_CAUSE], (IN_AT_NODE,), "LRS"),
    Case("clb", "one line", right("clb"), (IN_AT_CLB,), "LRS"),
    Case("clb", "a group beside, or none", [group(AT_CLB, CLB, None)], (IN_AT_CLB,), "LRS"),
    Case("pod", "one line", right("pod"), (IN_AT_POD,), "LRS"),
    Case("three", "all three", [POD_CAUSE, CLB_CAUSE, NODE_OF_DRILL], WHOLE_DRILL, "LRS"),
    Case("two groups", "the old group unbound", right("two groups"), (("bind", ON_NODE_A, NODE),), "LRS"),
    Case("two groups", "behind the other", [OLD_CAUSE], (("bind", ON_NODE_A, NODE, OLD),), "LRS"),
    Case("two groups", "its DROP taken out", [OLD_CAUSE], (("cut", OLD, 0),), "LRS"),
    Case("egress", "the DROP taken out", right("egress"), (open_egress,), "LRS"),
    Case("egress", "named at the other node", [group(ON_NODE_B, NODE, 0, "egress")], (open_egress,), "LRS"),
    Case("local", "Cluster", right("local"), (cluster_policy,), "LRS"),
    Case("direct", "one line", right("direct"), (put(POD, f"ACCEPT TCP {BLOCK} 80"),), "LRS"),
    Case("selector", "the label", right("selector"), (selected,), "LRS"),
    Case("not ready", "ready", right("not ready"), (ready,), "LRS"),
    Case("target port", "port and group", right("target port"), (POD_8080, right_port), "LRS"),
    Case("listener", "moved back", right("listener"), (listener_back,), "LRS"),
    Case("weight", "any weight", right("weight"), (weight(1),), "LRS"),
    Case("stopped", "started", right("stopped"), (state("RUNNING"),), "LRS"),
    Case("stopped", "the other node in its place", right("stopped"), (other_target,), "LRS"),
]
