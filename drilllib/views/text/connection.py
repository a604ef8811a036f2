"""A connection from any source to any door as text, hop by hop."""

from drilllib.core.connection.question import Connection
from drilllib.core.rules.addresses import at
from drilllib.core.trace.answer import Trace
from drilllib.core.trace.blockers import Blocker
from drilllib.core.trace.codes import HopKind, Reason
from drilllib.core.trace.path import Hop, Path
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import padded
from drilllib.views.text.hops import check_text, hop_lines, is_on_node_network
from drilllib.views.text.trace import all_path_lines, assumption_lines, gap_lines, symptoms_text

Dropped = Reason.POD_GROUP_DROPPED, Reason.POD_EGRESS_DROPPED


def connection_text(trace: Trace, question: Connection, language: str, *, whole: bool = False) -> str:
    """The answer: headline, paths hop by hop, blockers, what is missing, assumptions; *whole*: however long that is."""
    symptom = symptoms_text(trace, language)
    lines = [say(language, "headline", request=question.label, client=question.client, symptom=symptom)]
    lines.append(f"{say(language, trace.verdict)}  [{trace.reason}: {reason_words(trace, language)}]")
    lines += [*all_path_lines(trace, _path_lines, language, whole=whole), ""]
    if trace.blockers:
        lines += [say(language, "blockers"), *(f"  {stop_text(each, language)}" for each in trace.blockers)]
    lines += gap_lines(trace, language, whole=whole)
    return terminal_text([*lines, *assumption_lines(trace.assumptions, language)])


def reason_words(trace: Trace, language: str) -> str:
    """The reason in words; a pod without an interface of its own stands behind its node's groups."""
    stops = [each for each in trace.blockers if each.check and not each.hypothetical]
    if trace.reason is Reason.TARGET_GROUP_DROPPED and any(each.hop is HopKind.OUTSIDE for each in stops):
        return say(language, "outside_dropped")
    if trace.reason in Dropped and stops and all(map(is_on_node_network, stops)):
        return say(language, "behind_node_in" if trace.reason is Reason.POD_GROUP_DROPPED else "behind_node_out")
    return say(language, trace.reason)


def _path_lines(trace: Trace, path: Path, number: int, language: str) -> list[str]:
    """One path: its title, then a numbered line for each hop with its checks and rewrites below."""
    facts = {"number": number, "count": len(trace.paths), "outcome": say(language, path.outcome)}
    key = "path_to_endpoint" if path.endpoint else "path_to_door"
    lines = [say(language, key, endpoint=path.endpoint, **facts)]
    for place, hop in enumerate(path.hops, start=1):
        note = f"  {say(language, 'behind_node')}" if is_on_node_network(hop) else ""
        note += f"  {say(language, 'not_reached')}" if hop.hypothetical else ""
        lines.append(f"  {place}  {padded(_label(hop, language), 9)} {_place(hop)}{note}")
        lines += [f"       {line}" for line in hop_lines(trace, hop, language, group=say(language, "any_group"))]
    return lines


def _label(hop: Hop | Blocker, language: str) -> str:
    """What the place is."""
    return say(language, "own_node" if hop.hop is HopKind.NODE else hop.hop)


def _place(hop: Hop) -> str:
    """Name, address and port; what is called by its address once. Where a connection begins any port may be its own."""
    address = at(hop.address, hop.port) if hop.port else hop.address
    return address if hop.name == hop.address else f"{hop.name} {address}"


def stop_text(blocker: Blocker, language: str) -> str:
    """The place, the rule or what else stops the connection, and whether another blocker comes first."""
    behind = say(language, "behind") if blocker.hypothetical else ""
    what = check_text(blocker.check, language) if blocker.check else say(language, blocker.reason)
    if blocker.policies:
        what = f"{what} ({', '.join(blocker.policies)})"
    return say(language, "blocker", hop=_label(blocker, language), name=blocker.name, what=what, behind=behind)
