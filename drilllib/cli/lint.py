"""`drill lint`: what is wrong with the rules of saved groups, or of a snapshot."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from drilllib import _library, files
from drilllib.cli.arguments import add_members, directory_of
from drilllib.cli.output import tell_json, tell_text
from drilllib.cli.parsers import add_output, command
from drilllib.core.lint.findings import LintFinding, Severity
from drilllib.core.rules.members import Directory
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.language import language
from drilllib.views.text.lint import evidence_text, lint_text, remedy_text

SCHEMA = "drilllib/lint/1"
NEVER = "never"


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    parser = command(
        commands,
        "lint",
        _lint,
        "find rules that do nothing, block what they should admit, or open too much",
        """\
        FILE holds the answer of DescribeSecurityGroupPolicies, or the SecurityGroupPolicySet in it.
        Several files are the groups of one interface, in their order. Or FILE is one snapshot.
        docs/lint.md explains every code.
        examples:
          drill lint sg-node.json
          drill lint lab/snapshot.json --fail-on error""",
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="security group files, or one snapshot (JSON); - for standard input"
    )
    add_members(parser)
    parser.add_argument(
        "--fail-on",
        choices=(*(each.value for each in Severity), NEVER),
        default=Severity.WARNING.value,
        help="exit with 1 if there is a finding of this severity or a worse one (%(default)s)",
    )
    add_output(parser, "print the findings as JSON, in English")


def _lint(options: argparse.Namespace) -> int:
    files.require_one_standard_input(options.files)
    documents = [(name, files.read_json(name)) for name in options.files]
    snapshot = next((document for _, document in documents if files.is_snapshot(document)), None)
    found = _found(documents, directory_of(options)) if snapshot is None else _found_in(snapshot, options)
    if options.json:
        tell_json({"schema": SCHEMA, "findings": [_plain(each) for each in found]})
    else:
        tell_text(lint_text(found, language(options.lang), of_snapshot=snapshot is not None))
    return _status(found, options.fail_on)


def _found(documents: Sequence[tuple[str, Any]], names: Directory) -> Sequence[LintFinding]:
    return _library.lint([files.group_in(name, document, names) for name, document in documents])


def _found_in(document: Mapping[str, Any], options: argparse.Namespace) -> Sequence[LintFinding]:
    if len(options.files) > 1:
        raise InvalidInputError(
            "{files} and {count} more were given, one of them a snapshot",
            remedy="Give one snapshot, or groups only",
            files=quoted(options.files[0]),
            count=len(options.files) - 1,
        )
    if options.members:
        raise InvalidInputError("--members was given with a snapshot", remedy="Put the members into the snapshot")
    return _library.lint(Snapshot(document))


def _plain(finding: LintFinding) -> dict[str, Any]:
    """The finding as data, with sentences in the place of facts."""
    said = {"evidence": evidence_text(finding, "en"), "remedy": remedy_text(finding, "en")}
    return {**finding.to_dict(), **said}


def _status(found: Sequence[LintFinding], fail_on: str) -> int:
    """The findings come with the worst first."""
    if fail_on == NEVER or not found:
        return 0
    order = list(Severity)
    return int(order.index(found[0].severity) <= order.index(Severity(fail_on)))
