"""`drill cloud`: Tencent Cloud and its Kubernetes on this machine, for kubectl, tccli, the SDK and Terraform."""

import argparse
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.output import tell
from drilllib.cli.parsers import command, whole_number
from drilllib.cloud.tencent.faults import Kind
from drilllib.core.drills import faults as drills
from drilllib.core.drills.default_lab import new_cluster
from drilllib.errors import InvalidInputError, quoted


def add_commands(commands: Any) -> None:
    """Declare the command, its verbs, and what runs them."""
    parser = command(
        commands,
        "cloud",
        _status,
        "start a stand-in for Tencent Cloud and its Kubernetes on this machine",
        """\
        It answers on 127.0.0.1 only. `drill shell` then has kubectl, tccli, terraform and curl that work on it, and on
        nothing else. Without --example it is a cluster in which nothing was made yet.
        examples:
          drill cloud up
          drill shell -- kubectl get nodes
          drill cloud fault throttled CreateSecurityGroupPolicies --times 2
          drill cloud down
          drill cloud up --lab netns --example original-drill     (with real packets)
          drill cloud down""",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_up(verbs)
    command(verbs, "status", _status, "say where it answers, and what is in it")
    command(verbs, "down", _down, "end it, and the lab behind it")
    _add_fault(verbs)


def _add_up(verbs: Any) -> None:
    up = command(verbs, "up", _up, "start it")
    up.add_argument(
        "--lab", choices=("simulated", "netns"), default="simulated", help="what carries packets (%(default)s)"
    )
    begin = up.add_mutually_exclusive_group()
    begin.add_argument(
        "--example", choices=tuple(drills.FAULTS), help="begin with the course's lab and this fault in it"
    )
    begin.add_argument("--snapshot", metavar="FILE", help="begin with this snapshot")
    up.add_argument("--state", metavar="FILE", type=Path, help="keep the state in this file, and go on from it")
    up.add_argument(
        "--slowness", type=float, default=0.5, help="what a documented second takes with netns (%(default)s)"
    )


def _add_fault(verbs: Any) -> None:
    fault = command(
        verbs,
        "fault",
        _fault,
        "let Tencent Cloud API calls go wrong on purpose; without a kind, list what is set",
        """\
        not done:  throttled, denied, server_error, page (a proxy's login), dropped, crash_before
        done, and the caller may not know:  answer_lost, cut (half an answer), crash_after, slow
        late: done, and all still read what was before
        ACTION may also be what CAM calls a right, cvm:DescribeSecurityGroupPolicys, or a request of the Kubernetes
        API, 'kubernetes list nodes' or 'kubernetes list shop/pods' (denied, throttled, server_error, dropped, slow)""",
    )
    fault.add_argument(
        "kind", nargs="?", choices=[str(kind) for kind in Kind], metavar="KIND", help="how they go wrong, see below"
    )
    fault.add_argument("action", nargs="?", default="*", metavar="ACTION", help="of which action; by default of all")
    fault.add_argument(
        "--times", type=whole_number(0, 10**6), default=1, help="how many requests it strikes, 0 for all (%(default)s)"
    )
    fault.add_argument(
        "--percent", type=whole_number(1, 100), default=100, help="how likely it strikes each (%(default)s)"
    )
    fault.add_argument(
        "--seconds",
        type=whole_number(0, 3600),
        default=3,
        help="how long an answer is slow, or a change late (%(default)s)",
    )
    fault.add_argument("--status", type=whole_number(500, 599), default=503, help="of a server_error (%(default)s)")
    fault.add_argument("--clear", action="store_true", help="forget the faults that are set")


def _fault(options: argparse.Namespace) -> int:
    if options.clear and options.kind:
        raise InvalidInputError("A kind of fault and --clear exclude each other", remedy="Clear first, then set one")
    if options.clear:
        _call("ClearFaults", {})
    if options.kind:
        wanted = {"Kind": options.kind, "Action": options.action, "Times": options.times, "Percent": options.percent}
        _call("SetFault", wanted | {"Milliseconds": options.seconds * 1000, "Status": options.status})
    faults = _call("DescribeFaults", {})["Faults"]
    for each in faults:
        left = "every request" if each["times"] is None else f"{each['times']} more"
        tell(f"{each['kind']}  {each['action']}  {left}  {each['probability']:.0%}")
    if not faults:
        tell("no fault is set")
    return 0


def _call(action: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Ask the cloud that is up."""
    from drilllib.cloud import running
    from drilllib.cloud.shell.tccli import call

    answer = call(running.require().home, "drill", "2026-01-01", action, parameters)
    if "Error" in answer:
        raise InvalidInputError(answer["Error"]["Message"].removesuffix("."), remedy="See drill cloud fault --help")
    return answer


def _up(options: argparse.Namespace) -> int:
    from drilllib.cloud import running

    state = None if options.state is None else str(options.state.resolve())
    if state and options.state.exists() and (options.example or options.snapshot):
        raise InvalidInputError(
            "{state} has a cloud in it, which goes on",
            remedy="Leave --example and --snapshot out, or name a new file",
            state=quoted(str(options.state)),
        )
    wanted = {"document": _document(options), "lab": options.lab, "slowness": options.slowness, "state": state}
    _print_status(running.start(wanted))
    tell("try:", "  drill shell -- kubectl get nodes", "  drill shell", "  drill cloud down")
    return 0


def _document(options: argparse.Namespace) -> dict[str, Any]:
    if options.snapshot is not None:
        return files.read_snapshot(options.snapshot).to_dict()
    return drills.open_fault(options.example).to_dict() if options.example else new_cluster()


def _status(options: argparse.Namespace) -> int:
    from drilllib.cloud import running

    _print_status(running.require())
    return 0


def _print_status(cloud: Any) -> None:
    tell(f"cloud is up (process {cloud.pid}), packets: {cloud.lab}")
    tell(f"  Tencent Cloud API  http://127.0.0.1:{cloud.api_port}")
    tell(f"  Kubernetes API     {cloud.kube_url}")
    if cloud.state:
        tell(f"  state              {cloud.state}")


def _down(options: argparse.Namespace) -> int:
    from drilllib.cloud import running

    running.end()
    tell("cloud has ended")
    return 0
