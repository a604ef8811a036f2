"""What is said to whoever states what is wrong: what of it is true, and what there would be to see if it were."""

from collections.abc import Sequence

from drilllib.core.drills.diagnosis import CAUSES, Judgement, Place
from drilllib.core.trace.answer import Trace
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.hops import check_text


def to_be_stated(hosts: Sequence[str], language: str) -> str:
    """What may be stated: a line for each cause, and the hosts where packets are captured."""
    lines = [say(language, "diagnosis_unwritten"), *(f"  {word:<14}{cause_text(word, language)}" for word in CAUSES)]
    return terminal_text([*lines, *([say(language, "diagnosis_hosts", hosts=", ".join(hosts))] if hosts else [])])


def to_be_watched(hosts: Sequence[str], language: str) -> str:
    """Where captures can be made."""
    return terminal_text([say(language, "diagnosis_unwatched", hosts=", ".join(hosts))])


def cause_text(word: str, language: str) -> str:
    """One of `CAUSES` in a few words."""
    return say(language, f"diagnosis_cause_{word}")


def nothing_to_state(language: str) -> str:
    """Where nothing blocks."""
    return say(language, "diagnosis_nothing")


def withheld(language: str) -> str:
    """Where something would tell the cause before the learner has."""
    return say(language, "diagnosis_withheld")


def judgement_text(
    answer: Trace, cause: str, seen: str | None, judged: Judgement, language: str, *, solved: bool
) -> str:
    """
    A statement, and whether it is true. Where it is, what decided; where it is not, what there would be to see if it
    were, and never what is true instead. *solved*: nobody stated it.
    """
    statement = cause if seen is None else f"{cause}, seen={seen}"
    lines = [say(language, "diagnosis_filled" if solved else "diagnosis_stated", statement=statement)]
    if judged.place is not None and judged.place is not Place.RIGHT:
        lines.append(say(language, f"diagnosis_seen_{judged.place}", host=seen))
    elif not judged.cause:
        lines.append(say(language, "diagnosis_wrong", evidence=say(language, f"diagnosis_if_{cause}")))
    else:
        lines += [say(language, "diagnosis_right", cause=cause_text(cause, language)), *_decided(answer, language)]
    return terminal_text(lines)


def _decided(answer: Trace, language: str) -> list[str]:
    """What the first thing that blocks was asked, where that was a group."""
    check = answer.blockers[0].check if answer.blockers else None
    return [f"  {check_text(check, language)}"] if check else []
