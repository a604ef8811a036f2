"""What a grade says for its reasons: a code with named values, as the engine's missing facts are, and its part."""

from enum import StrEnum
from types import MappingProxyType

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.facts import Fact, fact


class Part(StrEnum):
    """The parts of a grade; the first three have to hold for a pass."""

    LOCALISED = "localised"
    REPAIRED = "repaired"
    RESTRAINED = "restrained"
    LOOKS = "looks"
    NEXT = "next"


class GradeCode(StrEnum):
    """A reason, by the sentence that says it in English. Codes are never renamed, only added."""

    # localised
    NAMED = "named: {cause}"
    NOTHING_WRONG = "nothing is wrong here: the trouble is the client's own doing"
    NOT_STATED = "no cause was stated before the first change"
    MISSED = "not named: {cause}"
    BLAMED = "blamed, and innocent: {cause}"
    NEARLY = "not quite: {cause}; the group is right, and the interface, the direction or the rule is not"
    BLAMED_NOTHING = "it was said that nothing is wrong"
    # repaired
    SERVED = "{clients} get through to {service} on every path"
    LEFT_ALONE = "nothing had to change, and what worked still does"
    UNSERVED = "{clients} do not get through to {service}: {why}"
    SOMETIMES = "{clients} get through to {service} on some paths only: {why}"
    LATE = "{clients} get through to {service} only after waiting for a target that does not answer: {why}"
    UNTOLD = "whether {clients} get through to {service} cannot be told: {why}"
    BROKEN = "{clients} no longer get through to {service}, which worked before: {why}"
    SICKENED = "the CLB would find {target} of {service} {state}, which was Alive before"
    UNHEALTHY = "the CLB would find {target} {state}, and not {wanted}"
    # restrained
    NOTHING_MORE = "your changes opened nothing beyond what was open or is meant"
    SURPLUS = "{resource} now accepts {packet} ({rule}); in all {flows}"
    THROUGH = "{clients} now get through to {service}"
    UNASKED = "{balancer} now sends its traffic past the groups of its targets (pass-to-target)"
    # looks and hints
    SPENT = (
        "looks and hints before the first change cost {spent}; a plan of {best} is enough, by the look that tells most "
        "apart at each step, which need not be the cheapest"
    )
    SINGLY = "where several things may be wrong, that plan finds each, and does not make sure that there is no other"
    HINTS = "hints taken: {count}"
    # what next
    REPAIR = "one right repair, in this order:"
    PUT_IN = "insert {text} into {group} {direction} at {place}"
    TAKE_OUT = "delete {group} {direction}[{place}] {text}"
    MOVE = "move {text} of {group} {direction} from {place} to {to}"
    BIND = "bind exactly {groups} to {resource}"
    MEMBERS = "the members of {template}: {members}"
    PASS_ON = "pass-to-target on for {balancer}"
    PASS_OFF = "pass-to-target off for {balancer}"
    MEND_SELECTOR = "a selector of {resource} that its pods have"
    MEND_NOT_READY = "the pods of {resource} ready again"
    MEND_TARGET_PORT = "the target port of {resource} where its pods listen"
    MEND_LOCAL_POLICY = "externalTrafficPolicy Cluster for {resource}"
    MEND_LISTENER = "a listener of {resource} on the port of the Service"
    MEND_WEIGHT = "the targets of {resource} with a weight"
    MEND_STOPPED = "{resource} started"
    NOTHING_TO_REPAIR = "one right repair: none"
    PRACTISE = "next: once more {category}"
    LESSON = "next: read lesson {lesson} again"
    FEWER_LOOKS = "next: the same with fewer looks"
    NEXT_LEVEL = "next: another kind, or a higher level"
    NOT_FINISHED = "the attempt was not finished: this is how it stands"
    # inside of others
    RULE_DROPS = "{group} {direction}[{rule}] at {resource}"
    NO_RULE_ADMITS = "{group} at {resource}, {direction}: no rule matches"
    SELECTOR = "the selector of {resource}"
    NOT_READY = "the pods of {resource} are not ready"
    TARGET_PORT = "the target port of {resource}"
    LOCAL_POLICY = "externalTrafficPolicy Local of {resource}"
    LISTENER = "the listener of {resource}"
    WEIGHT = "the weight 0 of the targets of {resource}"
    STOPPED = "{resource} is stopped"
    STOPS_BY_RULE = "{group} {direction}[{rule}] of {place} drops it"
    STOPS_WITHOUT_RULE = "no rule of {groups} at {place} matches it"
    STOPS_AT = "it ends at {place} ({reason})"
    UNBOUND = "no group is bound"
    BOUND_UNREAD = "which groups are bound is not known"
    RULES_UNREAD = "the rules of {groups} are not all known"
    AND_MORE = "{listed} and {count} more"


_STEPS = (
    "PUT_IN TAKE_OUT MOVE BIND MEMBERS PASS_ON PASS_OFF MEND_SELECTOR MEND_NOT_READY MEND_TARGET_PORT "
    "MEND_LOCAL_POLICY MEND_LISTENER MEND_WEIGHT MEND_STOPPED"
)
STEPS = frozenset(GradeCode[name] for name in _STEPS.split())
"""The steps of a repair, which come in their order."""
PARTS = MappingProxyType(
    {
        GradeCode[name]: part
        for part, codes in {
            Part.LOCALISED: "NAMED NOTHING_WRONG NOT_STATED MISSED BLAMED NEARLY BLAMED_NOTHING",
            Part.REPAIRED: "SERVED LEFT_ALONE UNSERVED SOMETIMES LATE UNTOLD UNHEALTHY BROKEN SICKENED",
            Part.RESTRAINED: "NOTHING_MORE SURPLUS THROUGH UNASKED",
            Part.LOOKS: "SPENT SINGLY HINTS",
            Part.NEXT: f"REPAIR {_STEPS} NOTHING_TO_REPAIR PRACTISE LESSON FEWER_LOOKS NEXT_LEVEL NOT_FINISHED",
        }.items()
        for name in codes.split()
    }
)


def cause_fact(cause: Cause) -> Fact:
    """A cause, to stand in a sentence."""
    if cause.kind is not CauseKind.GROUP:
        return fact(GradeCode[cause.kind.name], resource=cause.resource)
    named = {"group": cause.group, "direction": cause.direction or "", "resource": cause.resource}
    if cause.rule is None:
        return fact(GradeCode.NO_RULE_ADMITS, **named)
    return fact(GradeCode.RULE_DROPS, rule=cause.rule, **named)
