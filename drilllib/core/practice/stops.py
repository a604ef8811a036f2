"""Why a request does not get through, in one fact."""

from drilllib.core.facts import Fact, fact, several
from drilllib.core.practice.reasons import GradeCode
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.verdict import Verdict


def why(answer: Trace) -> Fact:
    """The first thing in the request's way; where nobody can tell, what is missing."""
    if answer.verdict is Verdict.UNDETERMINED and answer.gaps:
        return several(answer.gaps)
    first = next((each for each in answer.blockers if not each.hypothetical), None)
    return _stop(first) if first else fact(answer.reason)


def _stop(blocker: Blocker) -> Fact:
    check = blocker.check
    if check is None or not check.groups:
        return fact(GradeCode.STOPS_AT, place=blocker.name, reason=fact(blocker.reason))
    if check.group is None or check.policy_index is None:
        return fact(GradeCode.STOPS_WITHOUT_RULE, groups=", ".join(check.groups), place=blocker.name)
    named = {"group": check.group, "direction": check.direction, "rule": check.policy_index}
    return fact(GradeCode.STOPS_BY_RULE, place=blocker.name, **named)
