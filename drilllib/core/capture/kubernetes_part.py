"""The parts `kubernetes` and `complete`: objects of the API server, and which kinds of them were read whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from drilllib.core.capture.asks import Answer, KubernetesRead, RefusalKind
from drilllib.core.capture.assembly import Conflict, Notes
from drilllib.core.capture.merge import Rows
from drilllib.core.capture.pages import listed, where
from drilllib.core.snapshot.kinds import kind_of
from drilllib.core.snapshot.kubernetes import KINDS
from drilllib.errors import InvalidInputError

Object = Mapping[str, Any]


def kubernetes_parts(answers: Sequence[Answer], notes: Notes) -> dict[str, Any]:
    """
    The parts, where anything was read of them.

    Without any object the part is absent, but where every kind was read: an empty one says that there is none of any.
    """
    kinds: dict[str, Rows] = {}
    wholes = _Wholes(answers)
    for answer, item in objects(answers):
        if contradicts := wholes.without(answer, item):
            notes.disagree(contradicts)
            continue
        kept, kind, metadata = notes.keep.kubernetes(item), kind_of(item), item["metadata"]
        if kept is None:
            notes.understand(kind, 1, answer.source, is_used=False)
        else:
            rows = kinds.setdefault(kind, Rows(kind, notes))
            name = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
            notes.understand(kind, int(name not in rows), answer.source)
            rows.add(name, kept, answer.source, metadata.get("resourceVersion"))
    found = [each for rows in kinds.values() for each in rows.rows()]
    complete = sorted(set(_complete(answers)))
    is_read = bool(found) or set(KINDS) <= set(complete)
    return ({"kubernetes": found} if is_read else {}) | ({"complete": {"kubernetes": complete}} if complete else {})


class _Wholes:
    """
    The lists that are whole: what another file still has of their kinds, and they have not, was there at another time.

    Two such lists may disagree about an object that was made between them: it is in one of them, and stays.
    """

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._sources: dict[tuple[str, str], str] = {}
        self._names: set[tuple[str, str, str]] = set()
        for answer in answers:
            ask = answer.ask
            if answer.whole and answer.refusal is None and isinstance(ask, KubernetesRead) and not ask.name:
                self._sources[ask.kind, ask.namespace] = answer.source
                self._names |= {_full_name(each) for _, each in objects([answer])}

    def without(self, answer: Answer, item: Object) -> Conflict | None:
        """That a whole list does not have an object of a file; None where it has, or there is no such list."""
        kind, namespace, name = _full_name(item)
        taken = next((self._sources[kind, each] for each in (namespace, "") if (kind, each) in self._sources), None)
        if taken is None or answer.whole or not answer.source or (kind, namespace, name) in self._names:
            return None
        return Conflict(f"{kind} {'/'.join(filter(None, (namespace, name)))}", ("metadata.name",), taken, answer.source)


def _full_name(item: Object) -> tuple[str, str, str]:
    metadata = item["metadata"]
    return kind_of(item), metadata.get("namespace") or "", metadata["name"]


def objects(answers: Iterable[Answer]) -> Iterator[tuple[Answer, Object]]:
    """
    Every Kubernetes object of the answers, with its kind and apiVersion, which the items of a typed list leave out.

    Raises:
        InvalidInputError: One has no kind or no name.
    """
    for answer in answers:
        if answer.ask is None or isinstance(answer.ask, KubernetesRead):
            for page in answer.pages:
                yield from ((answer, _named(each, answer)) for each in _items(page, answer))


def _items(page: Object, answer: Answer) -> Iterator[Object]:
    if "items" not in page:
        yield page
        return
    for item in listed(Answer(answer.ask, (page,), source=answer.source), "items"):
        typed = {name: value for name, value in _typed(page, answer.ask).items() if not item.get(name)}
        yield {**item, **typed}


def _typed(page: Object, ask: object) -> dict[str, Any]:
    """The kind and apiVersion of a list's items: as asked, else as a PodList names them; a List's items have theirs."""
    if isinstance(ask, KubernetesRead):
        return {"kind": ask.kind, "apiVersion": f"{ask.group}/{ask.version}".lstrip("/")}
    kind = str(page.get("kind")).removesuffix("List")
    return {"kind": kind, "apiVersion": page.get("apiVersion")} if kind else {}


def _named(item: Object, answer: Answer) -> Object:
    metadata = item.get("metadata")
    told = (metadata.get("name"), metadata.get("namespace") or "") if isinstance(metadata, Mapping) else ("", "")
    if told[0] and all(isinstance(each, str) for each in (*told, item.get("kind"))):
        return item
    raise InvalidInputError(
        "An object in {where} has no kind or no metadata.name",
        remedy="Save what kubectl get -o json or -o yaml prints, unchanged",
        where=where(answer),
    )


def _complete(answers: Iterable[Answer]) -> Iterator[str]:
    """The kinds of which every object is here, also those of which the API server has no such kind."""
    for answer in answers:
        ask = answer.ask
        if not isinstance(ask, KubernetesRead) or ask.name:
            continue
        is_no_kind = answer.refusal is not None and answer.refusal.kind is RefusalKind.ABSENT and not answer.pages
        if (answer.whole and answer.refusal is None) or is_no_kind:
            yield f"{ask.namespace}/{ask.kind}" if ask.namespace else ask.kind
