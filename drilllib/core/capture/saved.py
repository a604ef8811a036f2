"""
Saved answers for a capture's asks: `play`, the capture's loop with files in the place of a cloud and a cluster.

A file that a printed command wrote is known by its name (`commands.file_name`), which ends in digits of the request; so
it is whole, as an answer over the wire is, where its counts agree. Any other file is recognised by its content.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.assembly import Assembly, Gap
from drilllib.core.capture.commands import command, file_name
from drilllib.core.capture.join import assembled, described
from drilllib.core.capture.known import Known
from drilllib.core.capture.kubernetes_reads import kubernetes_reads
from drilllib.core.capture.naming import guessed, named
from drilllib.core.capture.paging import loss, next_page
from drilllib.core.capture.plan import needed
from drilllib.core.capture.recognise import EMPTY_FILE, is_error, recognised
from drilllib.core.capture.sources import base_name
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import Message

_OURS = re.compile(r"\.[0-9a-f]{8}\.json$")
_EMPTY = Refusal(RefusalKind.FAILED, EMPTY_FILE)
Files = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Played:
    """
    The *answers* in files, and the asks that are *missing*: one round, everything that can be asked by now.

    *gaps* are what the files leave unsure.
    """

    answers: tuple[Answer, ...]
    missing: tuple[Ask, ...]
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Assembled:
    """
    A snapshot made of files.

    *assembly* tells of its gaps, conflicts and what was withheld; *missing* is what was not read yet, *commands* the
    same as lines for a shell, which only read.
    """

    snapshot: Snapshot
    assembly: Assembly
    missing: tuple[Ask, ...]
    commands: tuple[str | Message, ...]

    @property
    def lacks_region(self) -> bool:
        """Is a call of the cloud among them that names no region, so that tccli takes the one of its settings?"""
        calls = (each for each in self.missing if isinstance(each, CloudCall))
        return not self.assembly.document.get("region") and not all(each.region for each in calls)


def play(files: Files, wanted: Wanted) -> Played:
    """
    The answers in *files*, which maps each file's name to the documents in it.

    Raises:
        InvalidInputError: A document is no answer that is known, or not of the shape of one.
    """
    ours = {base_name(name): name for name, documents in files.items() if _OURS.search(name) or _is_refused(documents)}
    answers = [each for name in files if name not in ours.values() for each in _recognised(name, files[name])]
    while claimed := [ask for ask in _asks(named(answers), wanted) if file_name(ask) in ours]:
        for ask in claimed:
            name = ours.pop(file_name(ask))
            answers.append(_claimed(ask, name, files[name]))
    answers += [each for name in ours.values() for each in _recognised(name, files[name])]
    found = named(answers)
    missing = dict.fromkeys((*needed(found, wanted), *_next_pages(found)))
    return Played(found, tuple(missing), (*guessed(answers, found), *_unasked(missing)))


def _unasked(missing: Iterable[Ask]) -> Iterator[Gap]:
    """Lists of policies that no file has: of any other part the engine itself says that it was not read."""
    for ask in missing:
        if isinstance(ask, KubernetesRead) and ask.kind == "NetworkPolicy":
            yield Gap(described(ask), Message("no file has them"))


def _is_refused(documents: Sequence[Any]) -> bool:
    """Is it an empty file, or an error, which do not say what was asked?"""
    return all(map(is_error, documents))


def _asks(answers: Sequence[Answer], wanted: Wanted) -> Iterator[Ask]:
    """What is asked for by now, and every read of the cluster: a list may be whole that another file has a part of."""
    yield from dict.fromkeys((*needed(answers, wanted), *kubernetes_reads(Known(answers), wanted)))


def assembled_files(files: Files, wanted: Wanted) -> Assembled:
    """
    The snapshot that files make, and what is still missing.

    Raises:
        InvalidInputError: A document is no answer that is known, or an object in it not of its kind's shape.
        InvalidRuleError: A rule in it cannot be read.
    """
    played = play(files, wanted)
    assembly = assembled(played.answers, wanted, played.gaps)
    region = str(assembly.document.get("region") or "")
    lines = tuple(command(each, region) for each in played.missing)
    return Assembled(Snapshot(assembly.document), assembly, played.missing, lines)


def _recognised(name: str, documents: Sequence[Any]) -> Iterator[Answer]:
    """The answers in a file, by its content."""
    if not documents:
        yield Answer(None, refusal=_EMPTY, source=name)
    for document in documents:
        yield from recognised(document, name)


def _claimed(ask: Ask, name: str, documents: Sequence[Any]) -> Answer:
    """
    The file as the answer to that very ask; whole where nothing in it says that rows are missing.

    Its List may be empty: of a command that failed there would be no file.
    """
    found = [
        each for document in documents for each in ((document,) if _is_empty(document) else _pages(document, name))
    ]
    refusal = next((each for each in found if isinstance(each, Refusal)), None if documents else _EMPTY)
    pages = tuple(each for each in found if isinstance(each, Mapping))
    is_whole = refusal is None and bool(pages) and not (isinstance(ask, CloudCall) and loss(ask, pages))
    return Answer(ask, pages, refusal, name, is_whole)


def _is_empty(document: Any) -> bool:
    return isinstance(document, Mapping) and document.get("items") == []


def _pages(document: Any, name: str) -> Iterator[Mapping[str, Any] | Refusal]:
    for answer in recognised(document, name):
        yield from answer.pages if answer.refusal is None else (answer.refusal,)


def _next_pages(answers: Sequence[Answer]) -> Iterator[CloudCall]:
    """The pages that answers in files lack, by their counts."""
    pages: dict[tuple[CloudCall, str], list[Mapping[str, Any]]] = {}
    for answer in answers:
        if isinstance(answer.ask, CloudCall) and answer.refusal is None:
            first = replace(answer.ask, parameters=_without_offset(answer.ask))
            for page in answer.pages:
                pages.setdefault((first, str(page.get("TotalCount"))), []).append(page)
    for (call, _), found in pages.items():
        lost = loss(call, found)
        following = next_page(call, found) if lost and lost.counted and lost.read < lost.counted else None
        yield from [following] if following else []


def _without_offset(call: CloudCall) -> str:
    request = call.request
    request.pop("Offset", None)
    return CloudCall.of(call.service, call.version, call.action, **request).parameters
