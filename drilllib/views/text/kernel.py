"""What the kernel did with one request, in the words of a trace, and whether the model agrees."""

from collections.abc import Sequence

from drilllib.core.trace.agreement import Disagreement
from drilllib.core.trace.answer import Trace
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.trace import headline, path_lines

LABELS = {"symptom": "witness_symptom", "path": "witness_path", "health": "witness_health"}


def witness_text(kernel: Trace, language: str) -> str:
    """What the kernel saw, hop by hop."""
    lines = [say(language, "witness_title"), headline(kernel, language)]
    for number, path in enumerate(kernel.paths, start=1):
        lines += ["", *path_lines(kernel, path, number, language)]
    return terminal_text(lines)


def agreement_lines(found: Sequence[Disagreement], language: str) -> list[str]:
    """A line that the model agrees, or each point where it does not."""
    if not found:
        return [say(language, "witness_agrees")]
    lines = [say(language, "witness_differs")]
    for each in found:
        label = say(language, LABELS.get(each.what, "witness_path"))
        lines.append(say(language, "witness_difference", what=label, seen=each.seen, expected=each.expected))
    return lines
