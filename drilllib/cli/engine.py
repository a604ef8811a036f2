"""`drill decide`, `drill trace` and `drill example`: the engine asked from a terminal."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.parsers import command
from drilllib.core import default_lab, drills
from drilllib.core.addresses import parse_address
from drilllib.core.answers import Question
from drilllib.core.members import Directory
from drilllib.core.policies import members_from_text
from drilllib.core.requests import Verdict
from drilllib.core.rules import Action, Decision, Direction, Flow, SecurityGroup, decide
from drilllib.core.semantics import PROFILES, profile
from drilllib.core.topology import Snapshot
from drilllib.core.trace import trace
from drilllib.errors import InvalidInputError, quoted
from drilllib.views import picture, text
from drilllib.views.language import language

STATUS = {
    Action.ACCEPT: 0,
    Action.DROP: 1,
    Action.UNDETERMINED: 3,
    Verdict.REACHABLE: 0,
    Verdict.INTERMITTENT: 1,
    Verdict.UNREACHABLE: 1,
    Verdict.UNDETERMINED: 3,
}


def add_commands(commands: Any) -> None:
    """Declare the commands and what runs them."""
    _add_trace(commands)
    _add_decide(commands)
    _add_example(commands)


def _add_trace(commands: Any) -> None:
    parser = command(
        commands,
        "trace",
        _trace,
        "follow a request to a Service hop by hop, and say what stops it",
        """\
        Make a snapshot to try with `drill example group-2 lab`; docs/snapshot.md says what is in one.
        example:
          drill trace lab/snapshot.json --service shop/web --from 203.0.113.10""",
    )
    parser.add_argument("snapshot", help="snapshot file (JSON), or - for standard input")
    parser.add_argument("--service", metavar="NS/NAME", help="the Service; may be left out where there is one")
    parser.add_argument(
        "--vip", metavar="ADDR", help="ask for a load balancer's address or domain instead of a Service"
    )
    parser.add_argument(
        "--from", dest="client", metavar="ADDR", help="client address; may be left out for the examples"
    )
    parser.add_argument("--port", type=int, help="listener port; may be left out where there is one")
    parser.add_argument("--protocol", type=str.upper, help="TCP or UDP (the listener's)")
    parser.add_argument("--host", help="Host header, for layer-7 listeners (the VIP)")
    parser.add_argument("--path", default="/", help="URL path, for layer-7 listeners (%(default)s)")
    parser.add_argument("--semantics", choices=PROFILES, help="behaviour to assume, instead of the snapshot's own")
    parser.add_argument("--lang", choices=("zh", "en"), help="language of the text (from the locale)")
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="also draw the path into FILE")


def _trace(options: argparse.Namespace) -> int:
    snapshot = _read_snapshot(options.snapshot)
    if options.semantics:
        snapshot = snapshot.with_semantics(profile(options.semantics))
    service, vip = _asked_for(snapshot, options)
    question = Question(
        client=options.client or _default_client(snapshot),
        service=service,
        vip=vip,
        port=options.port,
        protocol=options.protocol,
        host=options.host,
        path=options.path,
    )
    answer = trace(snapshot, question)
    spoken = language(options.lang)
    print(json.dumps(answer.to_dict(), indent=2) if options.json else text.trace_text(answer, spoken))
    if options.svg:
        _require_picture(options.svg)
        files.write_atomically(options.svg, picture.svg(answer, spoken) + "\n")
    return STATUS[answer.verdict]


def _read_snapshot(name: str) -> Snapshot:
    document = files.read_json(name)
    if isinstance(document, dict) and not {"Ingress", "Egress", "SecurityGroupPolicySet"}.isdisjoint(document):
        raise InvalidInputError(
            f"{quoted(name)} is a security group, not a snapshot", remedy="Ask drill decide about it"
        )
    return Snapshot(document)


def _require_picture(path: Path) -> None:
    """A slip of the fingers must not cost the snapshot: only an SVG is ever replaced."""
    try:
        taken = path.exists() and not path.read_text(encoding="utf-8", errors="replace").startswith(("<svg", "<?xml"))
    except OSError as error:
        raise InvalidInputError(
            f"{quoted(str(path))}: {error.strerror}", remedy="Name a file for the picture"
        ) from None
    if taken:
        problem = f"{quoted(str(path))} exists and is no SVG"
        raise InvalidInputError(problem, remedy="Name another file; it was not changed")


def _default_client(snapshot: Snapshot) -> str:
    """The example labs have a client of their own; for a real Service nobody but the user knows who asks."""
    if any(balancer.balancer_id == default_lab.BALANCER for balancer in snapshot.load_balancers):
        return default_lab.CLIENT
    raise InvalidInputError("No client was named", remedy="Say who asks with --from ADDR")


def _asked_for(snapshot: Snapshot, options: argparse.Namespace) -> tuple[str | None, str | None]:
    """The Service and the VIP asked for; where neither was named, the only one there is."""
    if options.service or options.vip:
        return options.service, options.vip
    names = snapshot.service_names()
    if len(names) == 1:
        return names[0], None
    vips = [str(vip) for balancer in snapshot.load_balancers for vip in balancer.vips]
    if not snapshot.has("kubernetes") and len(vips) == 1:
        return None, vips[0]
    problem = f"The snapshot has {len(names)} LoadBalancer Services: {', '.join(names) or 'none'}"
    raise InvalidInputError(problem, remedy="Name one with --service NS/NAME, or a VIP with --vip")


def _add_decide(commands: Any) -> None:
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
    members = {"action": "append", "default": [], "metavar": "ID=CIDR[,CIDR]"}
    parser.add_argument("--members", help="the addresses behind a group or template id that rules name", **members)
    parser.add_argument("--flows", metavar="FILE", help="decide every flow of a JSON-lines file")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def _decide(options: argparse.Namespace) -> int:
    names = Directory(peers=dict(members_from_text(text) for text in options.members))
    groups = [files.read_group(name, names) for name in options.groups]
    if options.flows:
        if options.source or options.destination or options.port:
            raise InvalidInputError("--flows was given with --from, --to or --port", remedy="Give one or the other")
        return _decide_all(groups, options.flows)
    asked = {"from": options.source, "to": options.destination, "protocol": options.protocol, "port": options.port}
    decision = _decide_one(groups, {name: value for name, value in asked.items() if value is not None})
    print(json.dumps(_decision_json(decision)) if options.json else text.decision_text(decision))
    return STATUS[decision.action]


def _decide_all(groups: list[SecurityGroup], name: str) -> int:
    """Answers line by line, so that neither questions nor answers are ever held as a whole."""
    for number, line in enumerate(files.read_lines(name), start=1):
        where = f"line {number} of {quoted(name)}"
        flow = files.parse_json(line, where)
        if not isinstance(flow, dict):
            raise InvalidInputError(
                f"{where} is {quoted(flow)}", remedy='Write {"from": ADDR, "protocol": "TCP", "port": 80}'
            )
        try:
            decision = _decide_one(groups, flow)
        except InvalidInputError as error:
            raise InvalidInputError(f"{where}: {error.problem}", remedy=error.remedy) from None
        print(json.dumps(_decision_json(decision)))
    return 0


def _decide_one(groups: list[SecurityGroup], asked: dict[str, Any]) -> Decision:
    unknown = sorted(set(asked) - {"from", "to", "protocol", "port"})
    if unknown:
        raise InvalidInputError(f"The flow has {quoted(unknown[0])}", remedy="Use from or to, protocol and port")
    ends = [name for name in ("from", "to") if asked.get(name) is not None]
    if len(ends) != 1:
        problem = "The flow has both from and to" if ends else "The flow has neither from nor to"
        raise InvalidInputError(problem, remedy="Give from to ask the ingress list, or to to ask the egress list")
    peer, protocol = asked[ends[0]], asked.get("protocol", "TCP")
    if not isinstance(protocol, str):
        raise InvalidInputError(f"The protocol is {quoted(protocol)}", remedy="Write TCP, UDP, ICMP, ICMPV6 or GRE")
    flow = Flow(
        protocol=protocol.upper(), peer=parse_address(peer, f"The address after {ends[0]}"), port=asked.get("port")
    )
    return decide(groups, Direction.INGRESS if ends[0] == "from" else Direction.EGRESS, flow)


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action,
        "group": decision.group,
        "direction": decision.direction,
        "policy_index": decision.policy_index,
    }


def _add_example(commands: Any) -> None:
    parser = command(
        commands,
        "example",
        _example,
        "write a lab with a planted fault as files, to try the other commands on",
        """\
        examples:
          drill example --list
          drill example group-2 lab""",
    )
    parser.add_argument("--list", action="store_true", help="list the examples")
    parser.add_argument("name", nargs="?", help="name of the example")
    parser.add_argument("folder", nargs="?", metavar="DIR", type=Path, help="folder to write into")
    parser.add_argument("--listener", choices=drills.LISTENERS, default="HTTP", help="the CLB's listener (%(default)s)")
    parser.add_argument("--semantics", choices=PROFILES, default="documented", help="behaviour (%(default)s)")


def _example(options: argparse.Namespace) -> int:
    if options.list:
        width = max(map(len, drills.FAULTS))
        for fault in drills.FAULTS.values():
            print(f"{fault.name:<{width}}  {fault.summary}")
        return 0
    if options.name is None or options.folder is None:
        missing = "folder" if options.name else "example"
        raise InvalidInputError(f"No {missing} was named", remedy="Use drill example NAME DIR, or drill example --list")
    snapshot = drills.open_fault(options.name, listener=options.listener, semantics=options.semantics)
    written = _write_example(snapshot, options.folder)
    print("\n".join(f"wrote {path}" for path in written))
    service, client = default_lab.SERVICE, default_lab.CLIENT
    node_group = options.folder / f"{default_lab.NODE_GROUP}.json"
    print("try:")
    drill = "drill" if shutil.which("drill") else sys.argv[0]
    print(f"  {drill} trace {written[0]} --service {service} --from {client}")
    print(f"  {drill} decide {node_group} --from {client} --port {default_lab.NODE_PORT}")
    return 0


def _write_example(snapshot: Snapshot, folder: Path) -> list[Path]:
    document = snapshot.to_dict()
    contents = {"snapshot.json": document}
    contents |= {f"{name}.json": group["SecurityGroupPolicySet"] for name, group in document["security_groups"].items()}
    _require_free(folder, contents)
    for name, content in contents.items():
        files.write_atomically(folder / name, json.dumps(content, indent=2) + "\n")
    return [folder / name for name in contents]


def _require_free(folder: Path, names: Iterable[str]) -> None:
    """Nothing a user may have edited is ever overwritten."""
    files.make_folder(folder)
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        problem = f"{folder} already has {', '.join(taken)}"
        raise InvalidInputError(problem, remedy="Name a new folder; nothing was written")
