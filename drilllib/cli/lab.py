"""`drill lab`: a lab of real packets that stands until it is ended, and what can be changed in it meanwhile."""

import argparse
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib.cli.output import tell, tell_json, tell_text
from drilllib.cli.parsers import add_lab, command
from drilllib.core.drills import default_lab, faults
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot.edits import require_place
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import LabStateError, printable
from drilllib.quoting import Option, shell_line
from drilllib.views.phrases.language import language
from drilllib.views.text.rules import rules_text

if TYPE_CHECKING:  # what a lab is made of is loaded when one is asked for
    from drilllib.labs.netns.lab import NetnsLab

BEHAVIOURS = ("listens", "refuses", "slow")


def add_commands(commands: Any) -> None:
    """Declare the command, its verbs, and what runs them."""
    parser = command(
        commands,
        "lab",
        _status,
        "play a snapshot with real packets, in network namespaces that vanish with it",
        """\
        A lab stands until `drill lab down` or the machine's end; nothing of it is in a file. `drill doctor` says
        whether this machine can have one, and docs/real-packets.md what it is. NAME may be left out where one is up.
        examples:
          drill lab up
          drill shell client -- curl -I http://192.0.2.10
          drill lab rules sg-node0001 --delete 0
          drill lab snapshot | drill trace -
          drill lab down""",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_up(verbs)
    status = command(verbs, "status", _status, "say what is in the lab: hosts, health of the targets, groups")
    add_lab(status, "name")
    status.add_argument("--json", action="store_true", help="print the answer as JSON")
    down = command(verbs, "down", _down, "end the lab, and wait until nothing is left of it")
    add_lab(down, "name")
    _add_changes(verbs)


def _add_up(verbs: Any) -> None:
    up = command(
        verbs,
        "up",
        _up,
        "start a lab, which then stands by itself",
        """\
        examples:
          drill lab up
          drill lab up friday --example group-2 --listener TCP
          drill lab up --snapshot lab/snapshot.json --from 198.51.100.7 --slowness 0.1""",
    )
    up.add_argument("name", nargs="?", metavar="NAME", help="what to call it, where you have several (lab)")
    what = up.add_mutually_exclusive_group()
    what.add_argument(
        "--example", metavar="FAULT", default="healthy", help="fault to plant, of `drill example --list` (healthy)"
    )
    what.add_argument("--snapshot", metavar="FILE", help="play this snapshot (JSON), - for standard input")
    up.add_argument("--listener", choices=faults.LISTENERS, default="HTTP", help="the example's listener (%(default)s)")
    up.add_argument("--from", dest="client", default=default_lab.CLIENT, metavar="ADDR", help="client (%(default)s)")
    up.add_argument(
        "--slowness", type=float, default=0.5, help="what a documented second takes, 0.01 to 1 (%(default)s)"
    )


def _add_changes(verbs: Any) -> None:
    rules = command(
        verbs,
        "rules",
        _rules,
        "show a group's rules, or change them while packets flow",
        """\
        examples:
          drill lab rules sg-node0001
          drill lab rules sg-node0001 --delete 0
          drill lab rules sg-node0001 --insert 'ACCEPT TCP 203.0.113.0/24 30713'
          drill lab rules sg-pod00001 --set 'ACCEPT TCP 10.0.35.0/24 80' --set 'DROP ALL 0.0.0.0/0 ALL'""",
    )
    rules.add_argument("group", metavar="GROUP", help="id of the group")
    rules.add_argument("--egress", action="store_true", help="the egress list (ingress)")
    change = rules.add_mutually_exclusive_group()
    change.add_argument("--insert", metavar="RULE", help="put this rule in")
    change.add_argument("--delete", metavar="PLACE", type=int, help="take the rule at this place out, 0 is the top")
    change.add_argument("--set", metavar="RULE", action="append", help="make this the whole list; may be repeated")
    change.add_argument("--clear", action="store_true", help="leave no rule, which drops everything")
    rules.add_argument("--at", metavar="PLACE", type=int, default=0, help="where --insert puts it (0, the top)")
    bind = command(verbs, "bind", _bind, "bind exactly these groups, in this order")
    bind.add_argument("resource", metavar="RESOURCE", help="id of a CLB, an instance or an interface")
    bind.add_argument("groups", nargs="*", metavar="GROUP", help="ids of the groups; none leaves it without")
    pod = command(verbs, "pod", _pod, "let a pod listen, refuse every connection, or answer late")
    pod.add_argument("host", metavar="HOST", help="the pod's host, such as web-1")
    pod.add_argument("behaviour", choices=BEHAVIOURS, help="what it does from now on")
    snapshot = command(verbs, "snapshot", _snapshot, "print the lab as it is now, as a snapshot for the other commands")
    for each in (rules, bind, pod, snapshot):
        add_lab(each, "--lab")


def _up(options: argparse.Namespace) -> int:
    from drilllib.labs.netns import registry, sandbox
    from drilllib.labs.netns.lab import NetnsLab

    snapshot, name = _asked_for(options), options.name or registry.NAME
    with registry.claim(name) as listening:
        reason = sandbox.why_not()
        if reason is not None:
            raise LabStateError(reason.removesuffix("."), remedy="The simulated lab works everywhere")
        lab = NetnsLab(
            snapshot,
            client=options.client,
            slowness=options.slowness,
            progress=lambda step: tell(f"  {step}", at_once=True),
            listening=listening,
        )
    with lab:
        tell(f"lab {name} is up: {', '.join(lab.status()['hosts'])}")
    for note in lab.notes:
        tell(f"note: {note}")
    tell("try:", *_next(snapshot, name))
    return 0


def _asked_for(options: argparse.Namespace) -> Snapshot:
    if options.snapshot is not None:
        return files.read_snapshot(options.snapshot)
    return faults.open_fault(options.example, listener=options.listener, client=options.client)


def _next(snapshot: Snapshot, name: str) -> list[str]:
    """What one does first in a new lab."""
    from drilllib.labs.netns import registry

    several = len(registry.names()) > 1
    named, plain = ((Option("--lab"), name), (name,)) if several else ((), ())
    vips = [str(vip) for balancer in snapshot.load_balancers for vip in balancer.vips]
    host = f"[{vips[0]}]" if vips and ":" in vips[0] else (vips or ["ADDR"])[0]
    lines = (
        ("shell", "client", *named, Option("--"), "curl", Option("-I"), f"http://{host}"),
        ("shell", "client", *named),
        ("lab", "status", *plain),
        ("lab", "down", *plain),
    )
    return [f"  {shell_line(('drill', *line))}" for line in lines]


def _found(name: str | None) -> "NetnsLab":
    from drilllib.labs.netns import registry

    return registry.find(name)


def _status(options: argparse.Namespace) -> int:
    with _found(options.name) as lab:
        status, snapshot = lab.status(), lab.snapshot()
    if options.json:
        tell_json(status)
        return 0
    minutes, slowness = int(status["up_s"]) // 60, status["slowness"]
    tell(f"up for {minutes} min, {status['memory_kib'] / 1024:.0f} MiB; a documented second takes {slowness:g} s")
    _listed("hosts", {host: ", ".join(status["addresses"][host]) for host in status["hosts"]})
    _listed("targets", status["health"])
    _listed("groups", {name: _group(snapshot, name) for name in snapshot.groups})
    for note in status["notes"]:
        tell(f"note: {note}")
    return 0


def _listed(title: str, entries: dict[str, str]) -> None:
    tell(title)
    shown = {printable(name): said for name, said in entries.items()}
    width = max(map(len, shown), default=0)
    for name, said in shown.items():
        tell(f"  {name:<{width}}  {said}")


def _group(snapshot: Snapshot, name: str) -> str:
    """A group in a few words: its version, and how many rules it has."""
    group = snapshot.group(name)
    version = snapshot.to_dict()["security_groups"][name]["SecurityGroupPolicySet"].get("Version")
    counts = (f"{len(group.rules(each) or ())} {each}" for each in Direction)
    return f"version {version or 'unknown'}, {', '.join(counts)}"


def _down(options: argparse.Namespace) -> int:
    from drilllib.labs.netns import registry

    tell(f"lab {registry.end(options.name)} has ended; nothing is left of it")
    return 0


def _rules(options: argparse.Namespace) -> int:
    direction = Direction.EGRESS if options.egress else Direction.INGRESS
    with _found(options.lab) as lab:
        before = lab.rules(options.group, direction)
        after = _changed(options, list(before))
        if after is not None:
            lab.replace_rules(options.group, direction, after)
    tell_text(rules_text(options.group, direction, before if after is None else after, language(None)))
    return 0


def _changed(options: argparse.Namespace, rules: list[Rule]) -> list[Rule] | None:
    """The rules as they shall be; None where they were only to be shown."""
    if options.clear:
        return []
    if options.set:
        return [rule_from_text(line) for line in options.set]
    if options.insert is not None:
        require_place(options.group, options.at, len(rules) + 1)
        return [*rules[: options.at], rule_from_text(options.insert), *rules[options.at :]]
    if options.delete is not None:
        require_place(options.group, options.delete, len(rules))
        return [*rules[: options.delete], *rules[options.delete + 1 :]]
    return None


def _bind(options: argparse.Namespace) -> int:
    with _found(options.lab) as lab:
        lab.bind_groups(options.resource, options.groups)
    tell(f"{options.resource}: {', '.join(options.groups) or 'no groups'}")
    return 0


def _pod(options: argparse.Namespace) -> int:
    with _found(options.lab) as lab:
        lab.set_pod(options.host, options.behaviour)
    tell(f"{options.host}: {options.behaviour}")
    return 0


def _snapshot(options: argparse.Namespace) -> int:
    with _found(options.lab) as lab:
        tell_json(lab.snapshot().to_dict())
    return 0
