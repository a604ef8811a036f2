"""Watching: the changes since a resourceVersion as lines of JSON, as they happen, until the client's time is up."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Condition
from typing import Any

from drilllib.cloud.kube import negotiation
from drilllib.cloud.kube.errors import KubeError, bad_request
from drilllib.cloud.kube.journal import Change, Journal
from drilllib.cloud.kube.objects import Document, Object, key_of, of_kind
from drilllib.cloud.kube.reads import chooser, number, shown
from drilllib.cloud.kube.requests import Request, Target

LONGEST_S = 600
BOOKMARK_EVERY_S = 60.0
_END = "k8s.io/initial-events-end"  # what closes the objects of a watch that began with all there is


class Watcher:
    """
    Hands out streams of changes.

    *reading* gives the document while nobody changes it; `wake` is called after every change.
    """

    def __init__(
        self, journal: Journal, reading: Callable[[], AbstractContextManager[Document]], now: Callable[[], datetime]
    ) -> None:
        self._journal, self._reading, self._now = journal, reading, now
        self._changed, self._closed = Condition(), False

    def wake(self) -> None:
        """Something changed."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self.wake()

    def stream(self, request: Request, target: Target) -> Iterator[bytes]:
        """
        The changes as they come, each a line. What was wrong with the request is raised at once.

        Raises:
            KubeError: A selector or a number cannot be read, or the changes asked for are too old.
        """
        chosen, seconds = chooser(request, target), min(number(request, "timeoutSeconds", LONGEST_S), LONGEST_S)
        with self._reading() as document:
            streamed = request.flag("sendInitialEvents")
            start = 0 if streamed else _start(request, self._journal)
            # Without a resourceVersion, or with 0, a watch begins with what is there.
            first = [] if start else [item for item in of_kind(document, target.kind) if chosen(item)]
            lines = [_line(request, target, "ADDED", item, self._now()) for item in sorted(first, key=key_of)]
            seen = start or self._journal.last
            lines += [_bookmark(target, seen, {_END: "true"})] if streamed else []
            self._journal.since(seen)
        return self._lines(request, target, lines, seen, time.monotonic() + seconds)

    def _lines(
        self, request: Request, target: Target, first: list[bytes], seen: int, deadline: float
    ) -> Iterator[bytes]:
        yield from first
        chosen, bookmarks = chooser(request, target), request.flag("allowWatchBookmarks")
        while not self._closed and (left := deadline - time.monotonic()) > 0:
            try:
                with self._reading():
                    changes, last = self._journal.since(seen), self._journal.last
            except KubeError as error:
                yield _json_line("ERROR", error.status())
                return
            for change in changes:
                yield from self._event(request, target, change, chosen)
            seen = last
            if not self._wait(seen, min(left, BOOKMARK_EVERY_S)) and bookmarks:
                yield _bookmark(target, seen)

    def _event(
        self, request: Request, target: Target, change: Change, chosen: Callable[[Object], bool]
    ) -> Iterator[bytes]:
        """A change as this watch sees it: an object that the selectors let go of is deleted for it."""
        before, after = (
            item is not None and item["kind"] == target.kind.name and chosen(item)
            for item in (change.before, change.after)
        )
        if before or after:
            what = "MODIFIED" if before and after else "ADDED" if after else "DELETED"
            item = (change.after if after else change.before) or {}
            numbered = {**item, "metadata": {**item["metadata"], "resourceVersion": str(change.revision)}}
            yield _line(request, target, what, numbered, self._now())

    def _wait(self, seen: int, seconds: float) -> bool:
        """Wait for a change after *seen*, or for the end; False where the time was up first."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or self._journal.last > seen, seconds)


def _start(request: Request, journal: Journal) -> int:
    start = number(request, "resourceVersion", 0)
    if start > journal.last:
        raise bad_request(f"resourceVersion {start} is in the future; the last is {journal.last}")
    return start


def _line(request: Request, target: Target, what: str, item: Object, now: datetime) -> bytes:
    shown_item = shown(request, target, [item], now, {"resourceVersion": item["metadata"]["resourceVersion"]}, item)
    if request.form.of == negotiation.TABLE and what != "ADDED":
        shown_item = {**shown_item, "columnDefinitions": None}  # only the first needs them; kubectl keeps them
    return _json_line(what, shown_item)


def _bookmark(target: Target, revision: int, annotations: Mapping[str, str] | None = None) -> bytes:
    metadata: dict[str, Any] = {"resourceVersion": str(revision), "creationTimestamp": None}
    metadata |= {"annotations": dict(annotations)} if annotations else {}
    body = {"kind": target.kind.name, "apiVersion": target.kind.api_version, "metadata": metadata}
    return _json_line("BOOKMARK", body)


def _json_line(what: str, item: Any) -> bytes:
    return json.dumps({"type": what, "object": item}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
