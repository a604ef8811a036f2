"""`drill changes`: what was written to a real cloud and is still there; `drill rollback`: back to what was before."""

import argparse
from pathlib import Path
from typing import Any

from drilllib.cli.guarded import close_what_is_due, cloud_of, taken_back, tell_back
from drilllib.cli.journals import folder, opening_text, tell_unread
from drilllib.cli.live import add_access
from drilllib.cli.output import tell, tell_json
from drilllib.cli.parsers import add_output, command
from drilllib.errors import LabStateError
from drilllib.guard.journal import Journal, utc_now
from drilllib.guard.journals import Entry, Listing, find, listing
from drilllib.guard.lines import Intent
from drilllib.guard.rollback import WRITTEN, Rolled
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language

SCHEMA, ROLLED_SCHEMA = "drilllib/changes/1", "drilllib/rollback/1"


def add_commands(commands: Any) -> None:
    """Declare both commands and what runs them."""
    parser = command(
        commands,
        "changes",
        _changes,
        "list what was written to a real cloud: what is still there, since when, until when",
        """\
        Reads the journals of this machine alone (docs/live.md). What is open can be taken back by its id:
          drill rollback 20261130-111233-1a2b3c""",
    )
    parser.add_argument("--all", action="store_true", help="also what was taken back, or kept")
    parser.add_argument(
        "--keep",
        metavar="ID",
        default="",
        help="close a journal whose change shall stay; it is not taken back any more",
    )
    add_output(parser, "print the journals as JSON, in English")
    parser = command(
        commands,
        "rollback",
        _rollback,
        "take back what was written to a real cloud, also after a crash",
        """\
        From the journal and the cloud alone, on any machine that has both; safe to run again.
        What others have changed meanwhile stays. docs/live.md says what cannot be told apart.
        examples:
          drill rollback                            the only journal that is open
          drill rollback 20261130-111233-1a2b3c
          drill rollback copied.jsonl --profile admin""",
    )
    parser.add_argument("journal", metavar="ID|FILE", nargs="?", default="", help="which journal")
    parser.add_argument(
        "--open-to-world",
        action="append",
        default=[],
        metavar="SG",
        help="a group, or what has it, that may be opened to everybody again",
    )
    add_access(parser)
    add_output(parser, "print what was done as JSON, in English")


def _changes(options: argparse.Namespace) -> int:
    if options.keep:
        _keep(find(options.keep, folder()))
    found, spoken = listing(folder()), language(options.lang)
    entries = [each for each in found.entries if options.all or each.is_open]
    if options.json:
        tell_json(_document(found, entries))
    elif not entries and not found.unread:
        tell(say(spoken, "changes.none", folder=str(folder())))
    else:
        for each in entries:
            tell(*_lines(each, spoken))
        tell_unread(options, found, spoken)
    return 2 if found.unread else 0


def _document(found: Listing, entries: list[Entry]) -> dict[str, Any]:
    unread = [{"file": str(each.path), "error": str(each.error)} for each in found.unread]
    return {"schema": SCHEMA, "journals": [_plain(each) for each in entries], "unread": unread}


def _keep(path: Path) -> None:
    """
    Raises:
        LabStateError: Something of it is not certain yet, or was made by `drill up`: it has to be taken back.
    """
    with Journal.open(path) as journal:
        if any(each.state != "done" or each.kind not in WRITTEN for each in journal.left):
            raise LabStateError(
                "{journal} is not a change that is whole", remedy="Take it back with drill rollback", journal=journal.id
            )
        if not journal.closed:
            journal.close("kept")


def _lines(entry: Entry, spoken: str) -> list[str]:
    head = {name: str(entry.head.get(name) or "") for name in ("what", "subject", "opened", "until")}
    state = say(spoken, "changes.open" if entry.is_open else "changes.closed", since=head["opened"])
    until = f", {say(spoken, 'changes.until', until=head['until'])}" if entry.is_open and head["until"] else ""
    places = dict.fromkeys(map(_place, entry.left)) if entry.is_open else ()
    late = [opening_text(entry, spoken)] if entry.is_due(utc_now()) else []
    return [
        f"{entry.id}  {head['what']} {head['subject']}  {state}{until}",
        *(f"  {each}" for each in (*places, *late)),
    ]


def _place(intent: Intent) -> str:
    """What an intent is about."""
    fields = intent.fields
    named = [str(fields[name]) for name in ("group", "resource", "direction", "service", "name") if fields.get(name)]
    return " ".join(named) or intent.kind


def _plain(entry: Entry) -> dict[str, Any]:
    left = [{"kind": each.kind, "state": each.state, **each.fields} for each in entry.left]
    return {**entry.head, "file": str(entry.path), "open": entry.is_open, "closed": entry.closed, "left": left}


def _rollback(options: argparse.Namespace) -> int:
    spoken, path, is_told = language(options.lang), find(options.journal, folder()), False
    name, rolled = taken_back(path, cloud_of(options), options.open_to_world)
    if options.json:
        tell_json(_rolled(name, rolled))
    else:
        tell_back(name, rolled, spoken)
        is_told = close_what_is_due(options, spoken)
    status = 0 if rolled.is_whole and not rolled.others else 1
    return status or (2 if is_told else 0)


def _rolled(name: str, rolled: Rolled) -> dict[str, Any]:
    parts = [
        {
            "where": each.where,
            "calls": each.calls,
            "error": str(each.error) if each.error else None,
            "unclear": [{"code": code, "rule": rule.text} for code, rule in each.unclear],
        }
        for each in rolled.parts
    ]
    return {"schema": ROLLED_SCHEMA, "journal": name, "whole": rolled.is_whole, "others": rolled.others, "parts": parts}
