"""What a script calls, and commands and lessons with it: the engine of `core` on files, documents and text."""

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from drilllib import files
from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.saved import Assembled, assembled_files
from drilllib.core.check.expectations import read_expectations
from drilllib.core.check.outcomes import Outcome, verify
from drilllib.core.connection.question import Connection
from drilllib.core.diagnosis import diagnose as diagnoses
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diff import Difference, difference_of_groups, difference_of_snapshots
from drilllib.core.fix import proposals
from drilllib.core.lint.findings import LintFinding
from drilllib.core.lint.linter import lint_groups, lint_snapshot
from drilllib.core.reach.clients import Reach, reach_ports
from drilllib.core.rules.addresses import Block, parse_written_block
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.anonymous.asked import require_renamed, require_renamed_vip
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, Message

if TYPE_CHECKING:
    from drilllib.clients.capture import Captured

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


def assemble(
    sources: Iterable[str | PathLike[str]], service: str = "", *, cluster: str = "", region: str = ""
) -> Assembled:
    """
    A snapshot of saved answers of kubectl, tccli or an SDK, joined; and what is still missing, as commands that read.

    Args:
        sources: The paths of files, JSON or YAML, in any mix; ``-`` for standard input. What each is of is told by its
            content (docs/assemble.md). Only what the engine reads is kept.
        service: NAMESPACE/NAME of the Service it is about, or a name in ``default``; without one, LoadBalancers.
        cluster: The id of its cluster, where the answers do not tell.
        region: The cloud's region, where they do not tell.

    Raises:
        InvalidInputError: A file is no answer that is known, or cannot be used; the message names it.
        InvalidRuleError: A rule in one cannot be read.
        MissingToolError: A file is YAML, and PyYAML is not installed.
    """
    documents = {fspath(source): files.read_documents(fspath(source)) for source in sources}
    named = service if "/" in service or not service else f"default/{service}"
    return assembled_files(documents, Wanted(service=named, cluster=cluster, region=region))


def capture(service: str, **settings: Any) -> "Captured":
    """
    A real Service's cloud and cluster, read into a snapshot with what may not be read as its gaps. Nothing is changed.

    Args:
        service: ``web``, ``svc/web``, ``shop/web``, a URL, an address, or the id of a load balancer.
        settings: What `drill capture` takes as options, by the same names, all texts: namespace, context, kubeconfig,
            region, cluster, profile, role, via (``sdk`` or ``tools``); and deadline_s, seconds (120). Keys are never
            arguments: docs/capture.md says where they are looked for.

    Raises:
        DrillError: Nothing can be read: no keys, no such context or Service, an API that does not answer.
        MissingToolError: The SDK or the Kubernetes client is not installed; or kubectl or tccli.
        TypeError: There is no such setting.
    """
    from os import environ

    from drilllib.clients.capture import capture
    from drilllib.clients.settings import Settings

    return capture(service, Settings(**settings), environ)


def reach(snapshot: Snapshot, question: Question) -> tuple[Reach, ...]:
    """
    Who can reach a Service or a VIP: all IPv4 or IPv6 addresses in exact sets, by how their requests fare.

    One answer for each port and address family. *question* leaves the client out; where it leaves the port out too,
    every port is answered. What is said of a set is what `trace` says of each address in it (docs/sets.md).

    Raises:
        InvalidInputError: The port (1 to 65535) or the protocol of the question cannot be used, or the VIP is none of
            an anonymous snapshot's.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules on the way overlap in too many ways for an exact answer.
    """
    require_renamed_vip(snapshot, question.vip)
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


def diff(
    before: Snapshot | SecurityGroup, after: Snapshot | SecurityGroup, doors: Iterable[Connection] = ()
) -> Difference:
    """
    Which flows, and of snapshots which clients, fare otherwise in *after* than in *before*. Exact; false where none do.

    What is undetermined on one side is told apart from what is surely gained or lost (docs/sets.md). Of snapshots also
    whose connections to these *doors* fare otherwise, their clients left out: ``Connection(client="", door=...)``.

    Raises:
        InvalidInputError: One is a snapshot, and the other a security group; or a door cannot be asked for.
        UnknownNameError: A door is not in one of the snapshots.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    if isinstance(before, Snapshot) and isinstance(after, Snapshot):
        return difference_of_snapshots(before, after, doors)
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
        InvalidInputError: A block cannot be read, holds no client of the VIP, or is none of an anonymous snapshot's;
            or the question cannot be used.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    asked, admitted = _blocks(clients, Message("The client block is")), _blocks(nodes, Message("The block of nodes is"))
    require_renamed(snapshot, asked)
    return proposals.fix(snapshot, question, asked, admitted)


def diagnose(snapshot: Snapshot, question: Question, clients: str | Iterable[str]) -> Diagnosis:
    """
    What *clients* (addresses) meet at one port, where they are stopped, what to change, and what is not known.

    Nothing is changed. The answer's `verdict` is that of the client who fares worst; docs/diagnose.md has the rest.

    Raises:
        InvalidInputError: An address or the question cannot be used, or there is no client or more than fifty.
        UnknownNameError: The Service is not in the snapshot.
        TooComplexError: Thousands of paths differ.
    """
    return diagnoses.diagnose(snapshot, question, [clients] if isinstance(clients, str) else [*clients])


def _blocks(texts: str | Iterable[str], said: Message) -> list[Block]:
    return [parse_written_block(text, said) for text in ([texts] if isinstance(texts, str) else texts)]
