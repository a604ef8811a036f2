"""
What a repair may change besides rules: settings of the Service, its pods, the CLB and the nodes, each by its key.

They are what a console or kubectl offers, whatever is wrong; what controllers make of a change comes with it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.drills.settings import POLICIES, policy_of, with_policy
from drilllib.core.fix.endpoints import select
from drilllib.core.fix.service_objects import Document, ServicePortOf, is_ready, labels_of, of_kind, pods_in
from drilllib.core.practice.machines import RUNNING, STOPPED, with_state
from drilllib.core.snapshot.resources import object_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, UnknownNameError, quoted

READY = ("ready", "unready")
SWITCH = ("on", "off")
MOST_WEIGHT = 100  # CLB ModifyTargetWeight
MOST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Setting:
    """
    One setting as it is: its *kind*, *of* what, and its *value*.

    *choices* are the values that it can have; empty where one is typed.
    """

    kind: str
    of: str
    value: str
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By what `with_setting` knows it."""
        return f"{self.kind} {self.of}"


def settings_of(snapshot: Snapshot, question: Question) -> tuple[Setting, ...]:
    """The settings of the Service that is asked for and of all that leads to it."""
    return (*_of_service(snapshot, question), *_of_cloud(snapshot), *_bindings(snapshot))


def with_setting(snapshot: Snapshot, question: Question, key: str, value: str) -> Snapshot:
    """
    The snapshot after a change of one setting.

    Raises:
        UnknownNameError: There is no such setting.
        InvalidInputError: It cannot have that value.
    """
    found = next((each for each in settings_of(snapshot, question) if each.key == key), None)
    if found is None or found.kind not in _CHANGES:
        raise UnknownNameError("There is no setting {name}", remedy="Use one that is offered", name=quoted(key))
    if found.choices and value not in found.choices:
        raise _unusable(value, ", ".join(found.choices))
    return _CHANGES[found.kind](snapshot, question, found.of, value.strip())


def _of_service(snapshot: Snapshot, question: Question) -> Iterator[Setting]:
    port = _port(snapshot.to_dict(), question)
    if port is None:
        return
    yield Setting("policy", port.name, policy_of(snapshot, question) or POLICIES[0], POLICIES)
    own = _pairs(port.selector)
    every = (_pairs(labels_of(pod)) for pod in pods_in(port.document, port.name))
    yield Setting("selector", port.name, own, tuple(dict.fromkeys([own, *every])))
    yield Setting("target_port", port.name, str(port.target_port))
    if port.pods:
        yield Setting("pods", port.name, READY[not all(map(is_ready, port.pods))], READY)


def _of_cloud(snapshot: Snapshot) -> Iterator[Setting]:
    for balancer in snapshot.load_balancers:
        yield Setting("pass", balancer.balancer_id, SWITCH[not balancer.pass_to_target], SWITCH)
        for each in snapshot.listeners(balancer.balancer_id) or ():
            yield Setting("listener", each.listener_id, str(each.port))
            targets = [target for whole in each.by_rule for target in whole.targets or ()]
            if targets:
                yield Setting("weight", each.listener_id, "/".join(dict.fromkeys(str(one.share) for one in targets)))
    for node in snapshot.nodes:
        if node.instance_id and node.state:
            yield Setting("state", node.instance_id, node.state, tuple(dict.fromkeys((node.state, RUNNING, STOPPED))))


def _bindings(snapshot: Snapshot) -> Iterator[Setting]:
    """Which groups are bound, changed by `bind_groups`: the lab does that itself."""
    for name, groups in snapshot.bound_groups().items():
        yield Setting("groups", name, " ".join(groups or ()))


def _port(document: Document, question: Question) -> ServicePortOf | None:
    """The first port of the Service; a drill's Service has one."""
    found = (item for item in of_kind(document, "Service") if object_name(item) == question.service)
    item = next(found, None)
    return ServicePortOf(document, item, 0) if item and item["spec"].get("ports") else None


def _with_selector(snapshot: Snapshot, question: Question, _: str, value: str) -> Snapshot:
    port = _required(snapshot, question)
    port.item["spec"]["selector"] = dict(pair.split("=", 1) for pair in value.split(",") if pair)
    return _selected(snapshot, port)


def _with_target_port(snapshot: Snapshot, question: Question, _: str, value: str) -> Snapshot:
    """Where the CLB sends to pods, the controller registers them anew with the new port."""
    port = _required(snapshot, question)
    number, old = _number(value, MOST_PORT), port.target_port
    port.port["targetPort"] = number
    for target in _targets(port.document):
        if target.get("Type") == "ENI" and target.get("Port") == old:
            target["Port"] = number
    return _selected(snapshot, port)


def _with_pods(snapshot: Snapshot, question: Question, _: str, value: str) -> Snapshot:
    port = _required(snapshot, question)
    told = {"type": "Ready", "status": str(value == READY[0])}
    for pod in port.pods:
        status = pod.setdefault("status", {})
        others = [each for each in status.get("conditions") or () if each.get("type") != "Ready"]
        status["conditions"] = [*others, told]
    return _selected(snapshot, port)


def _with_policy(snapshot: Snapshot, question: Question, _: str, value: str) -> Snapshot:
    return with_policy(snapshot, question, value)


def _with_listener(snapshot: Snapshot, _: Question, listener: str, value: str) -> Snapshot:
    document = snapshot.to_dict()
    for each in _listeners(document, listener):
        each["Port"] = _number(value, MOST_PORT)
    return snapshot.with_parts(listeners=document["listeners"], target_health=None)


def _with_weight(snapshot: Snapshot, _: Question, listener: str, value: str) -> Snapshot:
    document = snapshot.to_dict()
    weight = _number(value, MOST_WEIGHT, least=0)
    for target in _targets({"listeners": {"": _listeners(document, listener)}}):
        target["Weight"] = weight
    return snapshot.with_parts(listeners=document["listeners"], target_health=None)


def _with_state(snapshot: Snapshot, _: Question, instance: str, value: str) -> Snapshot:
    return with_state(snapshot, instance, value)


def _with_pass(snapshot: Snapshot, _: Question, balancer: str, value: str) -> Snapshot:
    passes = value == SWITCH[0]
    balancers = [
        {**each, "LoadBalancerPassToTarget": passes} if each.get("LoadBalancerId") == balancer else each
        for each in snapshot.to_dict()["load_balancers"]
    ]
    return snapshot.with_parts(load_balancers=balancers, target_health=None)


_CHANGES: Mapping[str, Callable[[Snapshot, Question, str, str], Snapshot]] = {
    "policy": _with_policy,
    "selector": _with_selector,
    "target_port": _with_target_port,
    "pods": _with_pods,
    "listener": _with_listener,
    "weight": _with_weight,
    "state": _with_state,
    "pass": _with_pass,
}
KINDS = (*_CHANGES, "groups")


def _required(snapshot: Snapshot, question: Question) -> ServicePortOf:
    port = _port(snapshot.to_dict(), question)
    if port is None:
        raise UnknownNameError(
            "There is no setting {name}", remedy="Use one that is offered", name=quoted(question.service or "")
        )
    return port


def _selected(snapshot: Snapshot, port: ServicePortOf) -> Snapshot:
    select(port)
    changed = {"kubernetes": port.document["kubernetes"], "listeners": port.document.get("listeners")}
    return snapshot.with_parts(**changed, target_health=None)


def _listeners(document: Document, listener: str) -> list[Document]:
    every = (each for listed in (document.get("listeners") or {}).values() for each in listed or ())
    return [each for each in every if each.get("ListenerId") == listener]


def _targets(document: Document) -> Iterator[dict[str, Any]]:
    for listed in (document.get("listeners") or {}).values():
        for listener in listed or ():
            for holder in (listener, *(listener.get("Rules") or ())):
                yield from holder.get("Targets") or ()


def _pairs(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in labels.items())


def _number(text: str, most: int, *, least: int = 1) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else -1
    if not least <= number <= most:
        raise _unusable(text, f"{least} - {most}")
    return number


def _unusable(value: str, choices: str) -> InvalidInputError:
    return InvalidInputError(
        "The setting cannot be {value}", remedy="Use {choices}", value=quoted(value), choices=choices
    )
