"""What `drill diagnose` is asked about: a snapshot, or a Service or a URL that is read now; and the answers."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from drilllib import files
from drilllib.cli.arguments import question_of
from drilllib.cli.live import read_live, read_services
from drilllib.core.capture.asks import Wanted
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose_ports, diagnose_services, worst_first
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError, quoted

_FILES = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Asked:
    """The *snapshot*, read or captured, and the *answers* about it, one at least."""

    snapshot: Snapshot
    answers: tuple[Diagnosis, ...]

    @property
    def worst(self) -> Diagnosis:
        """The answer that is told whole: the first of those that fare worst."""
        return worst_first(self.answers)[0]


def asked(options: argparse.Namespace) -> Asked:
    """
    Read what is asked about, and answer.

    Raises:
        DrillError: It cannot be read, or the question cannot be used.
    """
    clients = addresses(options.clients)
    if is_file(options.subject):
        snapshot = files.read_snapshot(options.subject)
        if options.all:
            return Asked(snapshot, _all(snapshot, clients))
        return Asked(snapshot, diagnose_ports(snapshot, question_of(snapshot, options), clients))
    require_no_service(options)
    if options.all:
        found = read_services(options, everywhere=options.all_namespaces)
        snapshot = Snapshot(dict(found.assembly.document))
        return Asked(snapshot, _all(snapshot, clients))
    captured = read_live(options.subject, options)
    snapshot = Snapshot(dict(captured.assembly.document))
    return Asked(snapshot, diagnose_ports(snapshot, question_live(snapshot, captured.wanted, options), clients))


def is_file(subject: str | None) -> bool:
    """Is it a snapshot's file, and no name in a cluster? A path that is there, or one that ends as files do."""
    if not subject:
        return False
    try:
        return subject == "-" or subject.lower().endswith(_FILES) or ("://" not in subject and Path(subject).is_file())
    except OSError:  # such as a name that is too long for one, which whoever opens it says
        return True


def addresses(listed: Sequence[str]) -> list[str]:
    """The addresses of --from, which may be given several times and with commas."""
    found = [part.strip() for text in listed for part in text.split(",")]
    if not all(found):
        raise InvalidInputError("--from has an empty address", remedy="Write addresses such as 203.0.113.10,10.0.0.7")
    return found


def _all(snapshot: Snapshot, clients: Sequence[str]) -> tuple[Diagnosis, ...]:
    found = diagnose_services(snapshot, clients)
    if not found:
        raise InvalidInputError(
            "The snapshot has no LoadBalancer Service", remedy="Name a VIP with --vip, or take another snapshot"
        )
    return found


def require_no_service(options: argparse.Namespace) -> None:
    """Raises InvalidInputError where a Service that is read now is named twice, or nothing is."""
    if not options.subject and not options.all:
        raise InvalidInputError(
            "Nothing was named", remedy="Name a snapshot file, a Service or a URL, or ask for --all"
        )
    if options.subject and options.all:
        raise InvalidInputError(
            "--all is about every Service, and {subject} names one",
            remedy="Leave one of them out",
            subject=quoted(options.subject),
        )
    if options.service or options.vip:
        raise InvalidInputError(
            "{subject} is no snapshot file, and --service or --vip choose what is asked about in one",
            remedy="Name a file, or the Service itself in its place",
            subject=quoted(options.subject),
        )


def question_live(snapshot: Snapshot, wanted: Wanted, options: argparse.Namespace) -> Question:
    """What a Service's clients ask, or at a URL; a Service behind an Ingress is asked for at its load balancer."""
    url = urlsplit(options.subject) if "://" in options.subject else None
    port = options.port or (url and (url.port or (443 if url.scheme == "https" else 80))) or None
    host = options.host or (url and url.hostname) or None
    path = options.path if options.path != "/" or not url else url.path or "/"
    more = {"port": port, "protocol": options.protocol, "host": host, "path": path}
    if wanted.service and (wanted.service in snapshot.service_names() or not snapshot.load_balancers):
        return Question(service=wanted.service, **more)
    vips = [str(vip) for each in snapshot.load_balancers for vip in each.vips]
    if not vips:
        return Question(service=wanted.service or None, **more)
    return Question(vip=vips[0], **more)
