"""The answer of `drill fix` for programs: its JSON and its exit status."""

from typing import Any

from drilllib.core.fix.answer import Fix
from drilllib.core.fix.connections import ConnectionFix
from drilllib.core.fix.document import connection_document, fix_document
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import Verdict
from drilllib.views.text import steps


def document(snapshot: Snapshot, answer: Fix) -> dict[str, Any]:
    """The answer as JSON, its steps in English: programs read it."""
    best = answer.best
    terraform, console = steps.terraform(snapshot, best, "en"), steps.console(snapshot, best, "en")
    return fix_document(snapshot, answer, terraform=terraform, console=console)


def document_of_connection(snapshot: Snapshot, answer: ConnectionFix) -> dict[str, Any]:
    """The same of a connection."""
    best = answer.best
    terraform, console = steps.terraform(snapshot, best, "en"), steps.console(snapshot, best, "en")
    return connection_document(snapshot, answer, terraform=terraform, console=console)


def status_of_connection(answer: ConnectionFix) -> int:
    """As of the help."""
    if answer.works:
        return 0
    return 3 if answer.gaps or answer.after.verdict is Verdict.UNDETERMINED else 1


def status(answer: Fix) -> int:
    """As of the help."""
    if answer.works:
        return 0
    return 3 if answer.gaps or answer.verdict is Verdict.UNDETERMINED else 1
