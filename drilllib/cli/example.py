"""`drill example`: a lab with a planted fault, as files to try the other commands on."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.cli.output import tell
from drilllib.cli.parsers import command
from drilllib.core.drills import default_lab, faults
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.semantics import PROFILES
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import InvalidInputError
from drilllib.quoting import Option, shell_line, shell_path


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
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
    parser.add_argument("--listener", choices=faults.LISTENERS, default="HTTP", help="the CLB's listener (%(default)s)")
    parser.add_argument("--semantics", choices=PROFILES, default="documented", help="behaviour (%(default)s)")


def _example(options: argparse.Namespace) -> int:
    if options.list:
        width = max(map(len, faults.FAULTS))
        for fault in faults.FAULTS.values():
            tell(f"{fault.name:<{width}}  {fault.summary}")
        return 0
    if options.name is None or options.folder is None:
        missing = "folder" if options.name else "example"
        raise InvalidInputError(
            "No {missing} was named", remedy="Use drill example NAME DIR, or drill example --list", missing=missing
        )
    snapshot = faults.open_fault(options.name, listener=options.listener, semantics=options.semantics)
    written = _write_example(snapshot, options.folder)
    tell(*(f"wrote {path}" for path in written))
    service, client = default_lab.SERVICE, default_lab.CLIENT
    drill = "drill" if shutil.which("drill") else sys.argv[0]
    tell("try:")
    asked = (Option("--service"), service, Option("--from"), client)
    for words in (("trace", shell_path(written[0]), *asked), _telling_decision(snapshot, options.folder)):
        tell(f"  {shell_line((Option(drill), *words))}")
    return 0


def _telling_decision(snapshot: Snapshot, folder: Path) -> tuple[str, ...]:
    """The `drill decide` that asks what the trace found: of what blocks first, else of the first groups asked."""
    answer = trace(snapshot, Question(client=default_lab.CLIENT, service=default_lab.SERVICE))
    blocking = [each.check for each in answer.blockers if each.check]
    check = (blocking or list(answer.paths[0].hops[0].checks))[0]
    names = (shell_path(folder / f"{name}.json") for name in check.groups)
    side = Option("--from" if check.direction is Direction.INGRESS else "--to")
    protocol = () if check.protocol == "TCP" else (Option("--protocol"), check.protocol)
    return ("decide", *names, side, str(check.peer), *protocol, Option("--port"), str(check.port))


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
        raise InvalidInputError(
            "{folder} already has {taken}",
            remedy="Name a new folder; nothing was written",
            folder=folder,
            taken=", ".join(taken),
        )
