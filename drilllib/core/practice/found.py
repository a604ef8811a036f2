"""The causes that a learner can state, from the engine's answer about a snapshot of which nobody said what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.settings import Setting, settings_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict

_BEFORE_PATHS = (Reason.NO_LISTENER, Reason.NO_TARGETS)
_OF_SERVICE = {
    Reason.PORT_NOT_LISTENING: CauseKind.TARGET_PORT,
    Reason.NO_LOCAL_ENDPOINT: CauseKind.LOCAL_POLICY,
}


class Found(NamedTuple):
    """What is wrong: *causes* that can be stated, and *others*, of which the engine only says the reason."""

    causes: tuple[Cause, ...]
    others: tuple[Reason, ...]


def found_causes(snapshot: Snapshot, question: Question) -> Found:
    """
    What keeps the client's requests, or health checks, from arriving; nothing where they do.

    What stands behind a cause that is no group's shows once that one is mended. See `trace` for errors.
    """
    answer = trace(snapshot, question, all_paths=True)
    blockers = [*answer.blockers, *(each.blocker for each in answer.health if each.blocker)]
    found = dict.fromkeys(_of_answer(snapshot, answer))
    others = dict[Reason, None]()
    for each in blockers:
        cause = _of_blocker(snapshot, question, each)
        if cause is not None:
            found.setdefault(cause)
        elif each.reason not in _BEFORE_PATHS or not found:
            others.setdefault(each.reason)
    if not found and not others and answer.verdict is not Verdict.REACHABLE:
        others.setdefault(answer.reason)
    return Found(_merged(found), tuple(others))


def _of_answer(snapshot: Snapshot, answer: Trace) -> Iterator[Cause]:
    """What ends a request before it has a path, be it behind a group that drops."""
    balancer = _balancer(snapshot, answer.question)
    if answer.reason is Reason.NO_LISTENER and balancer:
        yield Cause(kind=CauseKind.LISTENER, resource=balancer)
    if answer.listener and _is_idle(snapshot, answer):
        yield Cause(kind=CauseKind.WEIGHT, resource=answer.listener.listener_id)


def _balancer(snapshot: Snapshot, asked: Question) -> str:
    every = snapshot.load_balancers
    return next((each.balancer_id for each in every if asked.vip in [str(vip) for vip in each.vips]), "")


def _is_idle(snapshot: Snapshot, answer: Trace) -> bool:
    """Has the listener targets, all with the weight 0?"""
    key = f"weight {answer.listener.listener_id if answer.listener else ''}"
    return any((each.key, each.value) == (key, "0") for each in settings_of(snapshot, answer.question))


def _of_blocker(snapshot: Snapshot, question: Question, blocker: Blocker) -> Cause | None:
    resource = resource_of(snapshot, blocker)
    if blocker.check is not None and resource:
        return _of_group(snapshot, blocker, resource)
    if blocker.reason is Reason.INSTANCE_NOT_RUNNING and resource:
        return Cause(kind=CauseKind.STOPPED, resource=resource)
    kind = _OF_SERVICE.get(blocker.reason) or _of_endpoints(snapshot, question, blocker.reason)
    return Cause(kind=kind, resource=f"Service/{question.service}") if kind and question.service else None


def _of_endpoints(snapshot: Snapshot, question: Question, reason: Reason) -> CauseKind | None:
    """Why there are no endpoints: pods are selected, and are not ready; or none is."""
    if reason is not Reason.NO_ENDPOINTS:
        return None
    told: Mapping[str, Setting] = {each.kind: each for each in settings_of(snapshot, question)}
    if "pods" in told:
        return CauseKind.NOT_READY if told["pods"].value == "unready" else None
    return CauseKind.SELECTOR if "selector" in told and told["selector"].value else None


def resource_of(snapshot: Snapshot, blocker: Blocker) -> str:
    """The CLB, instance or interface whose groups were asked; empty where the snapshot does not name it."""
    instances = {node.label: node.instance_id for node in snapshot.nodes}
    names = {HopKind.CLB: blocker.name, HopKind.NODE: instances.get(blocker.name), HopKind.POD: blocker.interface}
    found = names.get(blocker.hop) or ""
    return found if blocker.check is None or found in snapshot.bound_groups() else ""


def _of_group(snapshot: Snapshot, blocker: Blocker, resource: str) -> Cause | None:
    """The rule that drops, wherever else its group is bound; or that none of the groups has one."""
    check = blocker.check
    if check is None or not check.groups:
        return None
    return with_alike(
        snapshot,
        Cause(
            kind=CauseKind.GROUP,
            resource=resource,
            group=check.group or check.groups[0],
            direction=check.direction,
            rule=check.policy_index,
        ),
    )


def with_alike(snapshot: Snapshot, cause: Cause) -> Cause:
    """The cause with where else its group is bound, and, where no rule matches, with the other groups there."""
    bound, (kind, *_) = snapshot.bound_groups(), cause.resource.partition("-")
    here = bound.get(cause.resource) or ()
    group = cause.group or next(iter(here), "")
    alike = (name for name, groups in bound.items() if name.partition("-")[0] == kind and group in (groups or ()))
    return replace(
        cause,
        group=group,
        alike=tuple(name for name in alike if name != cause.resource),
        beside=tuple(each for each in here if each != group) if cause.rule is None else (),
    )


def _merged(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """One for each cause, the first that was met; nodes that are stopped are one."""
    found = list[Cause]()
    stopped = [each for each in causes if each.kind is CauseKind.STOPPED]
    for each in causes:
        if each.kind is CauseKind.STOPPED:
            if each is stopped[0]:
                found.append(_together(stopped))
        elif not any(one.names(each) for one in found):
            found.append(each)
    return tuple(found)


def _together(causes: Sequence[Cause]) -> Cause:
    first, *others = causes
    return Cause(kind=first.kind, resource=first.resource, alike=tuple(each.resource for each in others))
