"""
What the learner of lesson 08 does by a command of their own: when it is done, as the cloud's state says, and one way.

A task is never judged by the words of the command, except where it asks for something to be found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drilllib.core.drills.default_lab import VIP
from drilllib.core.drills.diagnosis import causes_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import LabStateError, UnknownNameError, quoted

GROUPS = {"CLB_GROUP", "NODE_GROUP", "POD_GROUP"}


@dataclass(frozen=True, slots=True)
class State:
    """The cloud after a command: what stands there, what was printed, whose question counts, and the *names* given."""

    snapshot: Snapshot
    said: str
    client: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """*way* is one command that does it, with LISTENER, CLIENTS and SEEN to be filled in; *is_done* reads the cloud."""

    way: str
    is_done: Callable[[State], bool]


def _deployed(state: State) -> bool:
    """A CLB with group 1 and nothing else, and the pods' interfaces with group 3 and nothing else."""
    bound = state.snapshot.bound_groups()
    of_kind = {kind: {groups for name, groups in bound.items() if name.startswith(kind)} for kind in ("lb-", "eni-")}
    return of_kind == {"lb-": {(state.names["CLB_GROUP"],)}, "eni-": {(state.names["POD_GROUP"],)}}


def _opened(cause: str) -> Callable[[State], bool]:
    """Whether that gate stops the client no more."""

    def is_done(state: State) -> bool:
        services = state.snapshot.service_names()
        if not services:
            return False
        answer = trace(state.snapshot, Question(client=state.client, service=services[0]))
        return bool(answer.paths) and cause not in causes_of(answer)

    return is_done


def _taken_down(state: State) -> bool:
    left = state.snapshot.to_dict()
    return not (left["load_balancers"] or left["network_interfaces"] or state.snapshot.service_names())


def _create(group: str, rule: str, version: str = "") -> str:
    policies = f'{{{version}"Ingress": [{{{rule}}}]}}'
    return f"tccli vpc CreateSecurityGroupPolicies --SecurityGroupId {group} --SecurityGroupPolicySet '{policies}'"


def _rule(peer: str, port: str, more: str = "") -> str:
    return f'"Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": "{peer}", "Port": "{port}"{more}'


_VERSION = "DescribeSecurityGroupPolicies --SecurityGroupId $NODE_GROUP --filter SecurityGroupPolicySet.Version"
TASKS: Mapping[str, Task] = {
    "deploy": Task("kubectl apply -f namespace.yaml -f deployment.yaml -f service-LISTENER.yaml", _deployed),
    "address": Task("kubectl -n shop get service -o wide", lambda state: VIP in state.said),
    "group-1": Task(_create("$CLB_GROUP", _rule("CLIENTS", "80")), _opened("group-1")),
    "group-2": Task(
        f"version=$(tccli vpc {_VERSION})\n"
        + _create("$NODE_GROUP", _rule("CLIENTS", "30713", ', "PolicyIndex": 0'), "\"Version\": '$version', "),
        _opened("group-2"),
    ),
    "group-3": Task(_create("$POD_GROUP", _rule("SEEN", "80")), _opened("group-3")),
    "take-down": Task("kubectl delete -f service-LISTENER.yaml -f deployment.yaml -f namespace.yaml", _taken_down),
}


def task_of(name: str) -> Task:
    """
    The task of that name.

    Raises:
        UnknownNameError: There is none.
    """
    if name not in TASKS:
        raise UnknownNameError(
            "There is no task {name}", remedy="Use one of {choices}", name=quoted(name), choices=", ".join(TASKS)
        )
    return TASKS[name]


def way_of(task: Task, names: Mapping[str, str]) -> str:
    """
    One command that does it; groups are named by variables of the shell.

    Raises:
        LabStateError: The manifests were not rendered yet, so that no group has a name.
    """
    if not names.keys() >= GROUPS:
        raise LabStateError("The groups are not known yet", remedy="Run the cells above first, up to cloud.render()")
    way = task.way
    for name in ("CLIENTS", "LISTENER", "SEEN"):
        way = way.replace(name, names[name])
    return way
