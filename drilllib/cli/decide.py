"""`drill decide`: which rule of one or more saved groups decides a flow."""

import argparse
from typing import Any

from drilllib import documents, files
from drilllib.cli.arguments import add_members, directory_of
from drilllib.cli.output import tell, tell_json
from drilllib.cli.parsers import add_output, command
from drilllib.core.rules.addresses import parse_address
from drilllib.core.rules.rules import Action, Decision, Direction, Flow, SecurityGroup, decide
from drilllib.core.trace.gates import assumed_of
from drilllib.errors import InvalidInputError, Message, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text.rules import decision_text
from drilllib.views.text.trace import assumption_lines

STATUS = {Action.ACCEPT: 0, Action.DROP: 1, Action.UNDETERMINED: 3}


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "decide",
        _decide,
        "say which rule of one or more security groups decides a flow",
        """\
        FILE holds the answer of DescribeSecurityGroupPolicies, or the SecurityGroupPolicySet in it.
        Several files are the groups of one interface, in their order.
        examples:
          drill decide sg-node.json --from 203.0.113.10 --protocol TCP --port 30713
          drill decide sg-node.json --flows flows.jsonl
            a line of flows.jsonl: {"from": "203.0.113.10", "protocol": "TCP", "port": 80}""",
    )
    parser.add_argument("groups", nargs="+", metavar="FILE", help="security group file (JSON), or - for standard input")
    parser.add_argument("--from", dest="source", metavar="ADDR", help="source address: asks the ingress list")
    parser.add_argument("--to", dest="destination", metavar="ADDR", help="destination address: asks the egress list")
    parser.add_argument("--protocol", default="TCP", help="TCP, UDP, ICMP, ICMPV6 or GRE (%(default)s)")
    parser.add_argument("--port", type=int, help="destination port, for TCP and UDP")
    add_members(parser)
    parser.add_argument("--flows", metavar="FILE", help="decide every flow of a JSON-lines file")
    add_output(parser)


def _decide(options: argparse.Namespace) -> int:
    files.require_one_standard_input([*options.groups, options.flows])
    names = directory_of(options)
    groups = [files.read_group(name, names) for name in options.groups]
    if options.flows:
        if options.source or options.destination or options.port:
            raise InvalidInputError("--flows was given with --from, --to or --port", remedy="Give one or the other")
        return _decide_all(groups, options.flows)
    asked = {"from": options.source, "to": options.destination, "protocol": options.protocol, "port": options.port}
    direction, flow = _asked({name: value for name, value in asked.items() if value is not None})
    decision = decide(groups, direction, flow)
    assumptions = assumed_of(groups, direction, flow.peer)
    if options.json:
        tell_json({**_decision_json(decision), "assumptions": assumptions}, indent=None)
    else:
        spoken = language(options.lang)
        tell(decision_text(decision, spoken), *assumption_lines(assumptions, spoken))
    return STATUS[decision.action]


def _decide_all(groups: list[SecurityGroup], name: str) -> int:
    """Answers line by line, so that neither questions nor answers are ever held as a whole."""
    for number, line in enumerate(files.read_lines(name), start=1):
        where = Message("line {number} of {name}", number=number, name=quoted(name))
        flow = documents.parse_json(line, where)
        if not isinstance(flow, dict):
            raise InvalidInputError(
                "{where} is {flow}",
                remedy='Write {"from": ADDR, "protocol": "TCP", "port": 80}',
                where=where,
                flow=quoted(flow),
            )
        try:
            decision = decide(groups, *_asked(flow))
        except InvalidInputError as error:
            raise InvalidInputError(
                "{where}: {detail}", remedy=error.remedy_message, where=where, detail=error.problem_message
            ) from None
        tell_json(_decision_json(decision), indent=None)
    return 0


def _asked(asked: dict[str, Any]) -> tuple[Direction, Flow]:
    """The list that is asked, and the flow. Raises InvalidInputError where they cannot be told."""
    unknown = sorted(set(asked) - {"from", "to", "protocol", "port"})
    if unknown:
        raise InvalidInputError(
            "The flow has {unknown}", remedy="Use from or to, protocol and port", unknown=quoted(unknown[0])
        )
    ends = [name for name in ("from", "to") if asked.get(name) is not None]
    if len(ends) != 1:
        raise InvalidInputError(
            "The flow has both from and to" if ends else "The flow has neither from nor to",
            remedy="Give from to ask the ingress list, or to to ask the egress list",
        )
    peer, protocol = asked[ends[0]], asked.get("protocol", "TCP")
    if not isinstance(protocol, str):
        raise InvalidInputError(
            "The protocol is {protocol}", remedy="Write TCP, UDP, ICMP, ICMPV6 or GRE", protocol=quoted(protocol)
        )
    flow = Flow(
        protocol=protocol.upper(),
        peer=parse_address(peer, Message("The address after {name}", name=ends[0])),
        port=asked.get("port"),
    )
    return Direction.INGRESS if ends[0] == "from" else Direction.EGRESS, flow


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action,
        "group": decision.group,
        "direction": decision.direction,
        "policy_index": decision.policy_index,
    }
