"""The `drilllib/diagnosis/1` document, which docs/diagnosis.schema.json describes: a diagnosis for programs."""

from collections.abc import Sequence
from typing import Any

from drilllib.core.diagnosis.answer import Client, Diagnosis
from drilllib.core.fix.answer import Fix
from drilllib.core.fix.calls import all_calls, commands, kubectl_lines
from drilllib.core.snapshot.snapshot import Snapshot

SCHEMA = "drilllib/diagnosis/1"


def diagnosis_document(snapshot: Snapshot, found: Diagnosis) -> dict[str, Any]:
    """The document of one diagnosis, in the order of docs/diagnose.md; its sentences are in English."""
    question = found.question.to_dict()
    return {
        "schema": SCHEMA,
        "question": {name: value for name, value in question.items() if name != "client"},
        "verdict": found.verdict,
        "clients": [_client(each) for each in found.clients],
        "repair": _repair(snapshot, found.repair) if found.repair else None,
        "no_repair": str(found.no_repair) if found.no_repair else None,
        "causes": [each.to_dict() for each in found.causes],
        "findings": [each.to_dict() for each in found.findings],
        "assumptions": list(found.assumptions),
        "unknown": [each.to_dict() for each in found.unknown],
        "unread": [{"what": what, "why": why} for what, why in found.unread],
        "other_vips": list(found.other_vips),
        "odd_type": found.odd_type or None,
        "looks": [each.to_dict(snapshot) for each in found.looks],
    }


def diagnoses_document(snapshot: Snapshot, found: Sequence[Diagnosis]) -> dict[str, Any]:
    """Several diagnoses: of all ports of a Service, or of all Services."""
    return {"schema": "drilllib/diagnoses/1", "diagnoses": [diagnosis_document(snapshot, each) for each in found]}


def _client(client: Client) -> dict[str, Any]:
    answer, stop = client.answer, client.stop
    return {
        "client": client.address,
        "verdict": answer.verdict,
        "reason": answer.reason,
        "symptoms": [each.to_dict() for each in answer.symptoms],
        "stops_at": stop and stop.to_dict(),
        "blockers": [each.to_dict() for each in answer.blockers],
        "unknown": [each.to_dict() for each in client.unknown],
        "trace": answer.to_dict(),
    }


def _repair(snapshot: Snapshot, repair: Fix) -> dict[str, Any]:
    best = repair.best
    return {
        "works": repair.works,
        "verdict": repair.verdict,
        **best.to_dict(),
        "causes_left": [each.to_dict() for each in repair.causes_left],
        "gaps": list(map(str, repair.gaps)),
        "api": [each.to_dict() for each in all_calls(snapshot, best)],
        "tccli": list(map(str, commands(snapshot, best))),
        "kubectl": list(map(str, kubectl_lines(best))),
    }
