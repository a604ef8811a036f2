"""What is played: the steps of one packet on its path, and of what comes back, each with a sentence."""

from collections.abc import Iterator, Sequence

from drilllib.core.rules.rules import Action, Direction
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.codes import Reason
from drilllib.core.trace.path import Check, Hop, Path, PathOutcome, Symptom
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.facts import fact_text
from drilllib.views.picture.arrows import Ends, stretches
from drilllib.views.picture.cards import group_called, short_symptom
from drilllib.views.picture.parts import CLIENT, Step, StepLook
from drilllib.views.text.hops import answer_text, is_proxied
from drilllib.views.text.trace import symptom_text

_LOOKS: dict[PathOutcome, StepLook] = {
    PathOutcome.DROPPED: "dropped",
    PathOutcome.REFUSED: "dropped",
    PathOutcome.UNDETERMINED: "unknown",
}


def steps_of(trace: Trace, path: Path, keys: Sequence[str], language: str) -> Iterator[Step]:
    """
    The steps of a packet on *path*: it leaves, each gate, each rewrite, where it stops or is answered, the way back.

    *keys* are those of the cards on the path, the client's first.
    """
    ends = stretches(trace, path, language)
    over_udp = trace.question.protocol == "UDP"
    leaves = say(language, "step_leaves_udp" if over_udp else "step_leaves")
    yield Step(CLIENT, False, "goes", leaves, source=ends[0][0], destination=ends[0][1])
    for place, hop in enumerate(path.hops):
        here, after = ends[place], ends[place + 1] if place + 1 < len(ends) else None
        yield from _at_hop(trace, hop, keys[place + 1], here, after, language)
        if hop.end(unknown_passes=None):
            break
    yield from _way_back(trace, path, keys, language)


def _at_hop(trace: Trace, hop: Hop, key: str, here: Ends, after: Ends | None, language: str) -> Iterator[Step]:
    """On the way in groups decide before addresses are rewritten; on the way out they see the new addresses."""
    inward = [check for check in hop.checks if check.direction is Direction.INGRESS]
    outward = [check for check in hop.checks if check not in inward and check.action is not Action.ACCEPT]
    for check in inward:
        yield _asked(trace, hop, check, key, here, language)
        if check.action is not Action.ACCEPT:
            return
    if hop.problem and not outward:
        yield _problem(hop, key, here, language)
    elif hop.doubts:
        says = say(language, "doubt", fact=printable(fact_text(hop.doubts[0], language)))
        yield Step(key, False, "unknown", says, "", *here)
    elif after is None:
        yield Step(key, False, "goes", say(language, "step_arrives"), "", *here)
    else:
        yield _rewritten(trace, hop, key, here, after, language)
        for check in outward[:1]:
            yield _asked(trace, hop, check, key, after, language)


def _asked(trace: Trace, hop: Hop, check: Check, key: str, ends: Ends, language: str) -> Step:
    """The groups before a host, or the NetworkPolicies of a pod, are asked."""
    group = "NetworkPolicy" if check.policies else group_called(trace, hop, language)
    out = "_out" if check.direction is Direction.EGRESS else ""
    says = say(language, "step_asked_out" if out else "step_asked", group=group, action=check.action)
    if check.action is Action.DROP:
        says = say(language, "step_silently", says=says)
    says = says[:1].upper() + says[1:]
    because = say(language, "step_because", answer=printable(answer_text(check, language)))
    looks: dict[Action, StepLook] = {Action.ACCEPT: "goes", Action.DROP: "dropped", Action.UNDETERMINED: "unknown"}
    return Step(key, not check.policies, looks[check.action], says, because, *ends)


def _problem(hop: Hop, key: str, here: Ends, language: str) -> Step:
    """What ends the packet that is not a group."""
    end = hop.end(unknown_passes=None)
    says = say(language, "step_because", answer=say(language, hop.problem or Reason.FACT_MISSING))
    return Step(key, False, _LOOKS.get(end[0], "goes") if end else "goes", says, "", *here)


def _rewritten(trace: Trace, hop: Hop, key: str, here: Ends, after: Ends, language: str) -> Step:
    """The packet leaves the hop, with other addresses where it rewrites them."""
    if here == after:
        says = say(language, "step_passed_on")
    elif is_proxied(trace, hop):
        says = say(language, "step_proxied_kept" if here[0] == after[0] else "step_proxied")
    elif here[0] == after[0]:
        says = say(language, "step_dnat")
    else:
        says = say(language, "step_dnat_snat")
    return Step(key, False, "goes", says, "", *after, before=here)


def _way_back(trace: Trace, path: Path, keys: Sequence[str], language: str) -> Iterator[Step]:
    """What the client gets in the end."""
    outcome, reason = path.end()
    if outcome is PathOutcome.UNDETERMINED:
        yield Step(CLIENT, False, "unknown", say(language, "step_untold"))
    elif outcome is PathOutcome.DELIVERED:
        works = next((each for each in reversed(trace.symptoms) if each.works), None)
        says = say(language, "step_redirected" if reason is Reason.REDIRECTED else "step_answered")
        yield Step(CLIENT, False, "answers", says, answer=short_symptom(works, language) if works else "")
    elif path.end(behind_clb=True)[0] is PathOutcome.DELIVERED or path.hops[0].end(unknown_passes=None):
        yield Step(CLIENT, False, "waits", say(language, "step_client_waits"))
    else:
        yield from _failed(trace, outcome, keys[1], language)


def _failed(trace: Trace, outcome: PathOutcome, clb: str, language: str) -> Iterator[Step]:
    """Behind the CLB nobody answers, or somebody refuses: a layer-7 CLB answers in the application's place."""
    symptom = _symptom(trace, outcome)
    dropped = outcome is PathOutcome.DROPPED
    if symptom is None or symptom.status:
        says = say(language, "step_clb_waits" if dropped else "step_clb_refused")
        yield Step(clb, False, "waits" if dropped else "goes", says)
    if symptom is None:
        yield Step(clb, False, "goes", say(language, "step_next_target"))
    elif symptom.status:
        says = say(language, "step_clb_answers", symptom=symptom_text(symptom, language))
        yield Step(CLIENT, False, "answers", says, answer=str(symptom.status))
    elif dropped:
        yield Step(CLIENT, False, "waits", say(language, "step_handshake"))
    else:
        yield Step(CLIENT, False, "answers", say(language, "step_refused"), answer=short_symptom(symptom, language))


def _symptom(trace: Trace, outcome: PathOutcome) -> Symptom | None:
    """What a client meets whose request ends so; None where the CLB goes on to another target."""
    refused = outcome is PathOutcome.REFUSED
    failures = [each for each in trace.symptoms if not each.works]
    answered = (each for each in failures if each.status and (each.status == 502) == refused)
    silent = (each for each in failures if not each.status and (each.seconds is not None) == refused)
    return next(answered, None) or next(silent, None)
