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
from drilllib.core.connection.follow import trace
from drilllib.core.connection.question import Connection
from drilllib.core.drills import default_lab, faults
from drilllib.core.drills.scenarios import SCENARIOS
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.semantics import PROFILES
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question, Trace
from drilllib.errors import InvalidInputError, UnknownNameError, quoted
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
        known = {each.name: each.summary for each in faults.FAULTS.values()}
        known |= {each.name: each.summary for each in SCENARIOS.values()}
        width = max(map(len, known))
        tell(*(f"{name:<{width}}  {summary}" for name, summary in known.items()))
        return 0
    if options.name is None or options.folder is None:
        missing = "folder" if options.name else "example"
        raise InvalidInputError(
            "No {missing} was named", remedy="Use drill example NAME DIR, or drill example --list", missing=missing
        )
    snapshot, question = _example_of(options)
    written = _write_example(snapshot, options.folder)
    tell(*(f"wrote {path}" for path in written))
    drill = "drill" if shutil.which("drill") else sys.argv[0]
    tell("try:")
    decision = _telling_decision(trace(snapshot, question), options.folder)
    for words in (("trace", shell_path(written[0]), *_asked(question)), decision):
        tell(f"  {shell_line((Option(drill), *words))}")
    return 0


def _example_of(options: argparse.Namespace) -> tuple[Snapshot, Question]:
    """The lab of that name, and what is to be asked about it."""
    if options.name in SCENARIOS:
        ends = SCENARIOS[options.name].ends
        return SCENARIOS[options.name].open(), Connection(client=ends.source, door=ends.door, port=ends.port)
    if options.name not in faults.FAULTS:
        choices = ", ".join((*faults.FAULTS, *SCENARIOS))
        raise UnknownNameError(
            "There is no example {name}", remedy="Use one of {choices}", name=quoted(options.name), choices=choices
        )
    snapshot = faults.open_fault(options.name, listener=options.listener, semantics=options.semantics)
    return snapshot, Question(client=default_lab.CLIENT, service=default_lab.SERVICE)


def _asked(question: Question) -> tuple[str, ...]:
    """The question as options of `drill trace`."""
    if isinstance(question, Connection):
        port = (Option("--port"), str(question.port))
        return (Option("--from"), question.client, Option("--to"), question.door, *port)
    return (Option("--service"), question.service or "", Option("--from"), question.client)


def _telling_decision(answer: Trace, folder: Path) -> tuple[str, ...]:
    """The `drill decide` that asks what the trace found: of what blocks first, else of the first groups asked."""
    blocking = [each.check for each in answer.blockers if each.check]
    check = (blocking or list(answer.paths[0].hops[0].checks))[0]
    names = (shell_path(folder / f"{name}.json") for name in check.groups)
    side = Option("--from" if check.direction is Direction.INGRESS else "--to")
    protocol = () if check.protocol == "TCP" else (Option("--protocol"), check.protocol)
    peer = str(check.peer.blocks[0].network_address)  # one of those that it may be
    return ("decide", *names, side, peer, *protocol, Option("--port"), str(check.port))


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
