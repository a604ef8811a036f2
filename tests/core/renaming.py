"""An answer before and after its snapshot was made anonymous, in the same names."""

import json
from dataclasses import replace
from typing import Any

from drilllib.core.fix.proposals import fix
from drilllib.core.lint.linter import lint_snapshot
from drilllib.core.rules.addresses import Block
from drilllib.core.snapshot.anonymous.anonymous import Anonymised, anonymous
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError

Document = dict[str, Any]
BLOCKER = ("hop", "direction", "policy_index", "reason", "hypothetical")


def renamed(question: Question, by: Anonymised) -> Question:
    """The question about the snapshot's new names."""

    def new(text: Any) -> Any:
        return by.replaced.get(text, text)

    service = question.service and "/".join(map(new, question.service.split("/")))
    return replace(
        question, client=new(question.client), service=service, vip=new(question.vip), host=new(question.host)
    )


def asked(snapshot: Snapshot, question: Question) -> Anonymised:
    """The snapshot without names, with what the question names."""
    hosts = [each for each in (question.host, question.vip) if each]
    return anonymous(snapshot, [question.client] if question.client else (), hosts)


def answer(snapshot: Snapshot, question: Question, names: dict[str, str]) -> Document:
    """What may not change but for *names*: verdict, symptoms, blockers, health, codes of findings and of gaps."""
    found = trace(snapshot, question, all_paths=True)
    plain = found.to_dict()
    return {
        "verdict": str(found.verdict),
        "symptoms": json.dumps(plain["symptoms"], default=str),
        "blockers": sorted(
            (*(str(each[name]) for name in BLOCKER), names.get(each["group"], str(each["group"])))
            for each in plain["blockers"]
        ),
        "health": [str(each.predicted) for each in found.health],
        "findings": sorted(str(each.code) for each in found.findings),
        "assumptions": sorted(map(str, found.assumptions)),
        "gaps": sorted(str(each.code) for each in found.gaps),
    }


def linted(snapshot: Snapshot, names: dict[str, str]) -> list[tuple[str, str]]:
    """The findings about rules: code and group."""
    found = (each.to_dict() for each in lint_snapshot(snapshot))
    return sorted((str(each["code"]), names.get(each["group"], str(each["group"]))) for each in found)


def fixed(snapshot: Snapshot, question: Question, client: Block, names: dict[str, str]) -> Any:
    """What the best repair changes: group, direction, position and rule; or which error it is."""
    try:
        found = fix(snapshot, replace(question, client=""), [client])
    except DrillError as error:
        return type(error).__name__
    changes = [
        (str(each.edit), names.get(each.group, each.group), str(each.direction), each.place) for each in found.changes
    ]
    causes = [str(each.code) for each in (*found.causes, *found.causes_left)]
    return str(found.verdict), found.works, changes, [str(each.code) for each in found.best.steps], causes
