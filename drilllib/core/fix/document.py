"""The `drilllib/fix/1` document: a fix as plain data, for programs."""

from collections.abc import Sequence
from typing import Any

from drilllib.core.fix.answer import Fix
from drilllib.core.fix.calls import all_calls, commands, kubectl_lines
from drilllib.core.fix.connections import ConnectionFix
from drilllib.core.fix.over_quota import over_quota
from drilllib.core.reach.clients import ClientClass
from drilllib.core.rules.quotas import Use
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Trace

SCHEMA = "drilllib/fix/1"


def fix_document(
    snapshot: Snapshot, answer: Fix, *, terraform: Sequence[str], console: Sequence[str]
) -> dict[str, Any]:
    """
    The document of *answer*, in the order of docs/fix.md.

    *terraform* and *console* are the best proposal's steps in words; a view writes them, in English.
    """
    best = answer.best
    question = answer.question.to_dict()
    return {
        "schema": SCHEMA,
        "question": {name: value for name, value in question.items() if name != "client"},
        "intended": [block for each in answer.before for block in each.sources],
        "verdict": answer.verdict,
        "works": answer.works,
        **best.to_dict(),
        "over_quota": [_use(each) for each in over_quota(snapshot, best.changes)],
        "alternatives": [each.to_dict() for each in answer.proposals[1:]],
        "orders_too_wide": [{name: list(groups) for name, groups in each.items()} for each in answer.too_wide],
        "causes": [each.to_dict() for each in answer.causes],
        "causes_left": [each.to_dict() for each in answer.causes_left],
        "assumptions": list(answer.assumptions),
        "gaps": list(map(str, answer.gaps)),
        "before": [_class(each) for each in answer.before],
        "after": [_class(each) for each in answer.after],
        "api": [each.to_dict() for each in all_calls(snapshot, best)],
        "tccli": list(map(str, commands(snapshot, best))),
        "kubectl": list(map(str, kubectl_lines(best))),
        "terraform": "\n".join(terraform),
        "console": list(console),
    }


def connection_document(
    snapshot: Snapshot, answer: ConnectionFix, *, terraform: Sequence[str], console: Sequence[str]
) -> dict[str, Any]:
    """The same of a connection; *before* and *after* are its verdicts."""
    best = answer.best
    return {
        "schema": SCHEMA,
        "question": answer.question.to_dict(),
        "verdict": answer.after.verdict,
        "works": answer.works,
        **best.to_dict(),
        "over_quota": [_use(each) for each in over_quota(snapshot, best.changes)],
        "alternatives": [each.to_dict() for each in answer.proposals[1:]],
        "assumptions": list(answer.after.assumptions),
        "gaps": list(map(str, answer.gaps)),
        "before": _told(answer.before),
        "after": _told(answer.after),
        "api": [each.to_dict() for each in all_calls(snapshot, best)],
        "tccli": list(map(str, commands(snapshot, best))),
        "kubectl": list(map(str, kubectl_lines(best))),
        "terraform": "\n".join(terraform),
        "console": list(console),
    }


def _use(each: Use) -> dict[str, Any]:
    return {"code": each.code, "where": each.where, **each.facts}


def _class(each: ClientClass) -> dict[str, Any]:
    return {"sources": list(each.sources), **_told(each.trace)}


def _told(answer: Trace) -> dict[str, Any]:
    return {"verdict": answer.verdict, "reason": answer.reason, "gaps": list(map(str, answer.gaps))}
