"""
What the engineer's page is answered: the texts that were pasted or dropped, read and diagnosed. It runs in the page, in
Python compiled for browsers, and needs nothing but the engine and the views.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from drilllib._version import __version__
from drilllib.core.capture.asks import Wanted
from drilllib.core.capture.saved import Assembled, assembled_files
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose_ports
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.files import is_snapshot, text_documents
from drilllib.quoting import json_text
from drilllib.views.html.ticket import ticket_html
from drilllib.views.panel.path_state import path_state, path_words
from drilllib.views.phrases.catalog import error_text, say
from drilllib.views.text.assemble import assembled_text
from drilllib.views.text.diagnose import title

Answer = dict[str, Any]


def answer(asked: str) -> str:
    """
    JSON for JSON. Asked: *files* (each a name and a text), *clients*, *service* (NAMESPACE/NAME or a VIP, or empty) and
    *language*. Answered: *error*, a line; or *told* (what was read of the files), *snapshot*, *services* to choose from
    where several are, and for one *title*, *page* (a whole page of HTML) and *path* (for the picture).
    """
    given = json.loads(asked)
    try:
        return json.dumps(_answer(given["files"], given["service"].strip(), given["clients"], given["language"]))
    except DrillError as error:
        return json.dumps({"error": error_text(error, given["language"])})


def _answer(texts: Sequence[Mapping[str, str]], service: str, clients: str, language: str) -> Answer:
    snapshot, told = _snapshot(texts, service)
    names = _names(snapshot)
    document: Answer = {
        "told": assembled_text(told, language, None) if told else "",
        "snapshot": json_text(snapshot.to_dict(), 1),
        "services": names,
    }
    if not (service or len(names) == 1):
        return document
    try:
        found = diagnose_ports(snapshot, _question(service or names[0]), _addresses(clients))[0]
    except (
        DrillError
    ) as error:  # such as a Service that no file has yet: which commands tell more is known all the same
        return {**document, "error": error_text(error, language)}
    return {**document, **_diagnosed(snapshot, found, ", ".join(each["name"] for each in texts), language)}


def _snapshot(texts: Sequence[Mapping[str, str]], service: str) -> tuple[Snapshot, Assembled | None]:
    """A snapshot that was given as one, or one that is assembled of answers."""
    documents = {each["name"]: text_documents(each["name"], each["text"]) for each in texts}
    given = [each for found in documents.values() for each in found]
    if not given:
        raise InvalidInputError("Nothing was pasted", remedy="Paste what kubectl or tccli printed, or choose its files")
    if len(given) == 1 and is_snapshot(given[0]):
        return Snapshot(given[0]), None
    found = assembled_files(documents, Wanted(service="" if _is_address(service) else _whole(service)))
    if not service and len(only := found.snapshot.service_names()) == 1:
        found = assembled_files(documents, Wanted(service=only[0]))  # for the commands that read the rest of it
    return found.snapshot, found


def _question(asked: str) -> Question:
    return Question(vip=asked) if _is_address(asked) else Question(service=_whole(asked))


def _is_address(asked: str) -> bool:
    """The address of a load balancer, and no name: of those none begins with a digit or has a colon."""
    return asked[:1].isdecimal() or ":" in asked


def _whole(service: str) -> str:
    return service if "/" in service or not service else f"default/{service}"


def _names(snapshot: Snapshot) -> list[str]:
    """What can be asked about: the Services, or without any the addresses of the load balancers."""
    return [*snapshot.service_names()] or [str(vip) for balancer in snapshot.load_balancers for vip in balancer.vips]


def _addresses(clients: str) -> list[str]:
    found = clients.replace(",", " ").split()
    if not found:
        raise InvalidInputError("No client was named", remedy="Write its address, such as 203.0.113.10")
    return found


def _diagnosed(snapshot: Snapshot, found: Diagnosis, names: str, language: str) -> Answer:
    now = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    made = say(language, "diagnose.made_of", version=__version__, time=now, file=quoted(names, 200))
    path = {"state": path_state(found.worst.answer, language), "words": path_words(language)}
    return {"title": title(found, language), "page": ticket_html(snapshot, found, language, made), "path": path}
