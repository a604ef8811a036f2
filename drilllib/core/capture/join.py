"""Answers of APIs, joined into the document of a snapshot: `assembled`. Nothing here asks anybody."""

from collections.abc import Iterable, Sequence
from typing import Any

from drilllib.core.capture.asks import CHANGED, Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.assembly import Assembly, Gap, Notes
from drilllib.core.capture.cloud_parts import cloud_parts
from drilllib.core.capture.cluster_part import cluster_part
from drilllib.core.capture.known import Known
from drilllib.core.capture.kubernetes_part import kubernetes_parts
from drilllib.core.capture.listeners import listener_parts
from drilllib.core.capture.recognise import EMPTY_FILE, EMPTY_LIST, NARROWED, SNAPSHOT
from drilllib.core.capture.regions import regions_of_balancers, told_region
from drilllib.core.snapshot.snapshot import SCHEMA
from drilllib.errors import Message


def assembled(answers: Sequence[Answer], wanted: Wanted, gaps: Iterable[Gap] = ()) -> Assembly:
    """
    The snapshot that the *answers* make, in whatever order they came.

    What was refused, or of which a page is lost, stays unread, and is told, with other *gaps* that are known. Only what
    the engine reads is kept.

    Raises:
        InvalidInputError: An answer is none that the API gives; the message names its source.
    """
    notes = Notes()
    for gap in gaps:
        notes.lack(gap.what, gap.why)
    document: dict[str, Any] = {"schema": SCHEMA}
    known = Known(answers)
    if region := told_region(known, wanted):
        document["region"] = region
    if elsewhere := regions_of_balancers(known, wanted):
        document["regions"] = elsewhere
    document |= cluster_part(answers, wanted, notes)
    document |= cloud_parts(answers, notes)
    document |= listener_parts(answers, notes)
    document |= kubernetes_parts(answers, notes)
    for answer in answers:
        if answer.refusal is not None:
            _refused(answer, answer.refusal, notes)
    return notes.assembly(document)


def described(ask: Ask | None) -> str:
    """An ask in few words: ``clb DescribeTargets lb-1a2b3c4d``, ``pods in shop``, ``node node-a``."""
    if isinstance(ask, CloudCall):
        ids = (each for each in ask.request.values() if isinstance(each, str) and not each.isdecimal())
        return " ".join((ask.service, ask.action, *ids))
    if isinstance(ask, KubernetesRead):
        inside = f" in {ask.namespace}" if ask.namespace else ""
        return f"{ask.resource}{f' {ask.name}' if ask.name else ''}{inside}"
    return "an answer"


def _refused(answer: Answer, refusal: Refusal, notes: Notes) -> None:
    """A refusal is a gap, but where a kind of the API server, or an add-on, is known not to be there."""
    ask = answer.ask
    is_kind = isinstance(ask, KubernetesRead) and not ask.name
    is_add_on = isinstance(ask, CloudCall) and ask.action in ("DescribeAddon", "DescribeAddonValues")
    if refusal.kind is RefusalKind.ABSENT and (is_kind or is_add_on):
        return
    why = _why(refusal)
    if refusal.permission:
        why = Message("{why}; grant {permission}", why=why, permission=refusal.permission)
    notes.lack(described(ask) if ask else answer.source, why)


def _why(refusal: Refusal) -> Message:
    if refusal.code == EMPTY_FILE:
        return Message("the file is empty: its command failed")
    if refusal.code == EMPTY_LIST:
        return Message("a List without items, which kubectl prints too where it is refused")
    if refusal.code == SNAPSHOT:
        return Message("a snapshot, not an answer")
    if refusal.code == NARROWED:
        return Message("its request asked for a part only, so that it does not tell the rest")
    if refusal.code == CHANGED:
        return Message("it changed each time that it was read")
    match refusal.kind:
        case RefusalKind.FORBIDDEN:
            return Message("not allowed ({code})", code=refusal.code)
        case RefusalKind.ABSENT:
            return Message("not there ({code})", code=refusal.code)
        case RefusalKind.FAILED:
            return Message("the call failed ({code})", code=refusal.code)
        case RefusalKind.LATE:
            return Message("the time was up")
