"""`drill down` removes a drill, whatever became of its `drill up`; `drill ls` lists those that are up."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from drilllib.cli.guarded import close_those_due
from drilllib.cli.journals import folder, remind_of_openings, tell_unread
from drilllib.cli.output import complain, tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.cli.up import add_access, clients_of
from drilllib.errors import InvalidInputError
from drilllib.guard.journal import Journal
from drilllib.guard.journals import close_those_of, listing, service_key
from drilllib.guard.marks import is_id
from drilllib.provision import records
from drilllib.provision.clients import RefusedError
from drilllib.provision.left import Report
from drilllib.provision.listing import Up, what_is_up
from drilllib.provision.parts import WORKLOAD, Kind
from drilllib.provision.remove import Remover
from drilllib.views.phrases.catalog import said, say
from drilllib.views.phrases.language import language
from drilllib.views.text.provision import listed_text, removed_text

SCHEMA_DOWN, SCHEMA_LS = "drilllib/down/1", "drilllib/ls/1"


def add_commands(commands: Any) -> None:
    """Declare both commands and what runs them."""
    down = command(
        commands,
        "down",
        _down,
        "remove a drill from your cluster, whatever became of its `drill up`",
        """\
        Only what has the drill's mark and stands in its journal is removed. It may be repeated.
        examples:
          drill down
          drill down 1a2b3c4d
          drill down 1a2b3c4d --without-journal --region ap-guangzhou --cluster cls-1a2b3c4d""",
    )
    down.add_argument("drill", nargs="?", default="", metavar="ID", help="of the drill, or its journal (the only one)")
    down.add_argument(
        "--without-journal", action="store_true", help="whatever has the mark of ID is its own: for a lost journal"
    )
    down.add_argument("--cluster", default="", metavar="ID", help="with --without-journal: where its nodes are")
    add_access(down)
    add_output(down, "print what was removed and what is left as JSON, in English")
    ls = command(commands, "ls", _ls, "list the drills that are up in your cluster, and since when")
    add_access(ls)
    add_output(ls)


def _down(options: argparse.Namespace) -> int:
    if options.without_journal:
        return _down_by_marks(options)
    record = records.meant(options.drill, folder())
    clients = clients_of(options, str(record.head.get("region", "")))
    if record.head["server"] != clients.server:
        raise RefusedError(
            "The drill {drill} was made in another cluster than the kubeconfig leads to",
            remedy="Name its context with --context: it is at {server}",
            drill=record.drill,
            server=str(record.head["server"]),
        )
    close_those_due(listing(folder()), options, language(options.lang), clients.guarded)
    with Journal.open(record.path) as journal:
        remover = Remover(clients, record.drill, [str(record.head["cluster"])], journal, _tell_part(options))
        report = _removed(remover, options, record.drill)
        made = [each for each in journal.intents.values() if each.kind == Kind.GROUP and each.state == "undone"]
        gone = [service_key(clients.server, f"{record.head.get('namespace')}/{WORKLOAD}")] if journal.closed else []
    close_those_of([*gone, *(str(each.result.get("id")) for each in made)], folder())
    return _reported(options, record.drill, report)


def _removed(remover: Remover, options: argparse.Namespace, drill: str) -> Report:
    """What became of it; who interrupts it is told how to go on."""
    try:
        return remover.remove()
    except KeyboardInterrupt:
        complain(say(language(options.lang), "down.interrupted", drill=drill))
        raise


def _down_by_marks(options: argparse.Namespace) -> int:
    if not is_id(options.drill) or not options.cluster:
        raise InvalidInputError(
            "Without its journal a drill is found by its id and its cluster",
            remedy="Give the ID that drill ls lists, and --cluster",
        )
    clients = clients_of(options)
    report = Remover(clients, options.drill, [options.cluster], None, _tell_part(options)).remove()
    return _reported(options, options.drill, report)


def _tell_part(options: argparse.Namespace) -> Callable[[Kind, str], None]:
    spoken = language(options.lang)
    return lambda kind, name: complain(f"- {say(spoken, f'up.kind_{kind}')} {name}")


def _reported(options: argparse.Namespace, drill: str, report: Report) -> int:
    spoken = language(options.lang)
    if options.json:
        left = [{"kind": each.kind, "name": each.name, "why": said(each.why, "en")} for each in report.left]
        removed = [{"kind": kind, "name": name} for kind, name in report.removed]
        tell_json({"schema": SCHEMA_DOWN, "drill": drill, "removed": removed, "left": left})
    else:
        left_rows = [(str(each.kind), each.name, each.why) for each in report.left]
        tell_text(removed_text(drill, [(str(kind), name) for kind, name in report.removed], left_rows, spoken))
    return 1 if report.left else 0


def _ls(options: argparse.Namespace) -> int:
    clients, now = clients_of(options), datetime.now(UTC)
    ups = what_is_up(clients)
    known = listing(folder())
    journals = {each.drill: each for each in records.records(known)}
    rows = [_row(each, journals.get(each.drill), now) for each in ups]
    if options.json:
        tell_json({"schema": SCHEMA_LS, "region": clients.region, "drills": rows})
    else:
        tell_text(listed_text(rows, clients.region, language(options.lang)))
    tell_unread(options, known, language(options.lang))
    remind_of_openings(known, language(options.lang))
    return 1 if any(row["overdue"] for row in rows) else 2 if known.unread else 0


def _row(each: Up, record: records.Record | None, now: datetime) -> dict[str, str]:
    return {
        "drill": each.drill,
        "cluster": ", ".join(each.clusters) or "-",
        "since": each.since or "-",
        "until": f"{each.until:%Y-%m-%d %H:%M}" if each.until else "-",
        "things": ", ".join(f"{kind} {count}" for kind, count in each.counts),
        "journal": str(record.path) if record else "-",
        "overdue": "yes" if each.is_overdue(now) else "",
    }
