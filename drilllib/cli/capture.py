"""`drill capture`: a real Service's cloud and cluster, read into a snapshot."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.asked import addresses
from drilllib.cli.live import SUBJECT, add_access, read_live, settings_of
from drilllib.cli.output import complain, tell, tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.cli.replaceable import REPLACED, require_list_or_nothing, require_snapshot_or_nothing
from drilllib.clients.capture import Captured
from drilllib.clients.subject import subject_of
from drilllib.core.capture.permissions import all_asks, policy, write_asks
from drilllib.core.rules.addresses import parse_client
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError
from drilllib.quoting import json_text
from drilllib.views.phrases.catalog import said, say
from drilllib.views.phrases.language import language
from drilllib.views.text.capture import capture_text, renamed_lines

SCHEMA = "drilllib/capture/1"
STANDARD_OUTPUT = "-"


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "capture",
        _capture,
        "read what a Service of yours needs of its cloud and cluster into a snapshot",
        """\
        Reads only, with your keys and your kubeconfig; docs/capture.md says which, and what is kept.
        A part that may not be read is told with the permission that is missing, and the rest is read.
        examples:
          drill capture web -n shop --out web.json
          drill capture https://www.example.com/ --out web.json --via tools
          drill capture web -n shop --out give-away.json --anonymize --from 203.0.113.10
          drill capture web -n shop --print-policy""",
    )
    parser.add_argument("subject", metavar="SERVICE|URL", help=SUBJECT)
    add_access(parser)
    parser.add_argument("--out", metavar="FILE", help="where the snapshot is written; - for standard output")
    parser.add_argument(
        "--anonymize", action="store_true", help="other names, ids, account numbers and public addresses"
    )
    parser.add_argument(
        "--from",
        dest="clients",
        metavar="ADDR[,ADDR]",
        action="append",
        default=[],
        help="with --anonymize: clients to ask about, whose new addresses are told",
    )
    parser.add_argument(
        "--replaced",
        metavar="FILE",
        type=Path,
        help="with --anonymize: write what stands in the place of what, for your own eyes",
    )
    parser.add_argument(
        "--print-policy", action="store_true", help="print the rights that a capture needs; nothing is read"
    )
    parser.add_argument(
        "--writes", action="store_true", help="of --print-policy: also the rights that drill fix --apply takes"
    )
    parser.add_argument(
        "--only",
        choices=("cam", "rbac"),
        help="of --print-policy: only CAM's JSON, or only what kubectl apply -f - takes",
    )
    add_output(parser, "print what was read, left out and not read as JSON, in English")


def _capture(options: argparse.Namespace) -> int:
    if options.print_policy:
        return _print_policy(options)
    if options.only or options.writes:
        raise InvalidInputError("--only and --writes are about what --print-policy prints", remedy="Add --print-policy")
    if not options.out:
        raise InvalidInputError("No file was named", remedy="Say where the snapshot goes with --out FILE")
    if options.out != STANDARD_OUTPUT:
        require_snapshot_or_nothing(Path(options.out))
    clients = _clients(options)
    if options.replaced:
        require_list_or_nothing(options.replaced)
    found = read_live(options.subject, options)
    snapshot, replaced = found.snapshot, None
    if options.anonymize:
        hidden = anonymous(snapshot, clients)
        snapshot, replaced = hidden.snapshot, hidden.replaced
    _write(options.out, snapshot)
    if options.replaced:
        listed = json_text({"schema": REPLACED, "replaced": replaced}, 1)
        files.write_atomically(options.replaced, listed + "\n", private=True)
    _tell(found, options, _Renamed(replaced or {}, clients, is_asked=options.anonymize))
    return 3 if found.assembly.gaps else 0


@dataclass(frozen=True, slots=True)
class _Renamed:
    """What stands in the place of what, if anything *is_asked* to; *clients* are those that were named."""

    by: Mapping[str, str]
    clients: Sequence[str]
    is_asked: bool

    def new(self, text: str) -> str:
        return "/".join(self.by.get(part, part) for part in text.split("/"))

    @property
    def addresses(self) -> dict[str, str]:
        """The clients with their new addresses."""
        return {each: self.by.get(each, each) for each in self.clients}


def _clients(options: argparse.Namespace) -> list[str]:
    """The addresses of --from, as the snapshot would write them."""
    if not options.anonymize and (options.clients or options.replaced):
        raise InvalidInputError(
            "--from and --replaced are about what --anonymize replaces", remedy="Add --anonymize, or leave them out"
        )
    return [str(parse_client(each)) for each in addresses(options.clients)]


def _write(out: str, snapshot: Snapshot) -> None:
    if out == STANDARD_OUTPUT:
        tell_json(snapshot.to_dict())
    else:
        files.write_atomically(Path(out), json_text(snapshot.to_dict()) + "\n")


def _tell(found: Captured, options: argparse.Namespace, renamed: _Renamed) -> None:
    """What was read. Where the snapshot itself is on standard output, nothing else is there."""
    spoken = language(options.lang)
    service = renamed.new(found.wanted.service)
    lines = renamed_lines(options.out, service, renamed.addresses, str(options.replaced or ""), spoken)
    told = lines if renamed.is_asked else []
    if options.out == STANDARD_OUTPUT:
        for line in told:
            complain(line)
    elif options.json:
        tell_json(_manifest(found, options, renamed))
    else:
        calls = found.cloud_calls + found.kubernetes_calls
        counts = {"rounds": found.rounds, "calls": calls, "replaced": len(renamed.by)}
        tell_text("\n".join([capture_text(found.assembly, options.out, spoken, counts), *told]))


def _manifest(found: Captured, options: argparse.Namespace, renamed: _Renamed) -> Mapping[str, Any]:
    made = found.assembly
    return {
        "schema": SCHEMA,
        "file": options.out,
        "wanted": {"service": found.wanted.service, "load_balancer": found.wanted.load_balancer},
        "rounds": found.rounds,
        "calls": {"cloud": found.cloud_calls, "kubernetes": found.kubernetes_calls},
        "read": {each.kind: each.count for each in made.understood if each.is_used},
        "gaps": [{"what": each.what, "why": str(each.why)} for each in made.gaps],
        "conflicts": [{"what": each.what, "fields": list(each.fields)} for each in made.conflicts],
        "withheld": dict(made.withheld),
        "replaced": len(renamed.by),
        "renamed": {"service": renamed.new(found.wanted.service), "clients": renamed.addresses}
        if renamed.is_asked
        else None,
    }


def _print_policy(options: argparse.Namespace) -> int:
    subject = subject_of(options.subject, settings_of(options).namespace or "default")
    namespace, _, name = (subject.service or "default/web").partition("/")
    rights = policy((*all_asks(namespace, name), *(write_asks() if options.writes else ())))
    spoken = language(options.lang)
    if options.only == "cam":
        tell_text(rights.cam_text)
        return 0
    if not options.only:
        tell(f"# {say(spoken, 'capture.cam')}")
        tell_text(rights.cam_text)
    tell(f"# {say(spoken, 'capture.rbac')}")
    tell_text(rights.rbac_text.rstrip("\n"))
    tell(f"# {say(spoken, 'capture.bind')}", *(f"# {said(each, spoken)}" for each in rights.bindings))
    return 0
