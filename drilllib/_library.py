"""What a script calls, and commands and lessons with it: the engine of `core` on files, documents and text."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

from drilllib import files
from drilllib.core.check.expectations import read_expectations
from drilllib.core.check.outcomes import Outcome, verify
from drilllib.core.diff import Difference, difference_of_groups, difference_of_snapshots
from drilllib.core.fix import proposals
from drilllib.core.lint.findings import LintFinding
from drilllib.core.lint.linter import lint_groups, lint_snapshot
from drilllib.core.reach.clients import Reach, reach_ports
from drilllib.core.rules.addresses import Block, parse_written_block
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, Message

Source = str | PathLike[str] | Mapping[str, Any]


def load(source: Source) -> Snapshot:
    """
    A snapshot: what stood in a cloud and its cluster at one moment.

    Args:
        source: The path of a file (JSON, or YAML where its name ends so), ``-`` for standard input, or the document
            itself. docs/snapshot.md has the format, `drilllib/snapshot/1`. A file has at most 256 MiB.

    Raises:
        InvalidInputError: The file or the document cannot be used; the message names the value.
        InvalidRuleError: A rule in it cannot be read.
        MissingToolError: The file is YAML, and PyYAML is not installed.
    """
    if isinstance(source, Mapping):
        return Snapshot(source)
    name = fspath(source)
    return Snapshot(files.read_yaml(name)) if name.lower().endswith((".yaml", ".yml")) else files.read_snapshot(name)


def reach(snapshot: Snapshot, question: Question) -> tuple[Reach, ...]:
    """
    Who can reach a Service or a VIP: all IPv4 or IPv6 addresses in exact sets, by how their requests fare.

    One answer for each port and address family. *question* leaves the client out; where it leaves the port out too,
    every port is answered. What is said of a set is what `trace` says of each address in it (docs/sets.md).

    Raises:
        InvalidInputError: The port (1 to 65535) or the protocol of the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules on the way overlap in too many ways for an exact answer.
    """
    return reach_ports(snapshot, question)


def lint(subject: Snapshot | Sequence[SecurityGroup]) -> tuple[LintFinding, ...]:
    """
    What is wrong with rules as they are written, whoever sends what; the worst comes first.

    *subject* is a snapshot, or groups in their order as the groups of one interface. docs/lint.md has every code with
    its source.

    Raises:
        InvalidInputError: Two of the groups have the same id.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    return lint_snapshot(subject) if isinstance(subject, Snapshot) else lint_groups(subject)


def diff(before: Snapshot | SecurityGroup, after: Snapshot | SecurityGroup) -> Difference:
    """
    Which flows, and of snapshots which clients, fare otherwise in *after* than in *before*. Exact; false where none do.

    What is undetermined on one side is told apart from what is surely gained or lost (docs/sets.md).

    Raises:
        InvalidInputError: One is a snapshot, and the other a security group.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    if isinstance(before, Snapshot) and isinstance(after, Snapshot):
        return difference_of_snapshots(before, after)
    if isinstance(before, SecurityGroup) and isinstance(after, SecurityGroup):
        return difference_of_groups(before, after)
    raise InvalidInputError(
        "Of before and after, one is a snapshot and the other is not",
        remedy="Give two snapshots or two security groups",
    )


def check(snapshot: Snapshot, expectations: Source) -> tuple[Outcome, ...]:
    """
    Which expectations hold in a snapshot, with a client or a flow as an example for each that does not.

    *expectations* is a `drilllib/expectations/1` document (docs/sets.md), or the path of a file with one, JSON or YAML.
    One outcome an expectation, in their order.

    Raises:
        InvalidInputError: The document or a block in it cannot be used; the message names the expectation.
        UnknownNameError: A Service, an interface or a group is not in the snapshot.
        MissingToolError: The file is YAML, and PyYAML is not installed.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    document = expectations if isinstance(expectations, Mapping) else files.read_yaml(fspath(expectations))
    return verify(snapshot, read_expectations(document))


def fix(
    snapshot: Snapshot, question: Question, clients: str | Iterable[str], nodes: str | Iterable[str] = ()
) -> proposals.Fix:
    """
    The smallest change of security groups that lets *clients* reach a Service on every path. Nothing is changed.

    Smallest is the fewest edits, then the fewest flows let in beside those asked for (docs/fix.md). The answer also
    says how the clients fare before and after, traced again.

    Args:
        snapshot: What stands there.
        question: The Service or the VIP, without a client.
        clients: A CIDR block or an address, such as 203.0.113.0/24, or several.
        nodes: The blocks that the pods' groups shall admit; where none is given, the subnets of the nodes.

    Raises:
        InvalidInputError: A block cannot be read or holds no client of the VIP, or the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    asked, admitted = _blocks(clients, Message("The client block is")), _blocks(nodes, Message("The block of nodes is"))
    return proposals.fix(snapshot, question, asked, admitted)


def _blocks(texts: str | Iterable[str], said: Message) -> list[Block]:
    return [parse_written_block(text, said) for text in ([texts] if isinstance(texts, str) else texts)]
