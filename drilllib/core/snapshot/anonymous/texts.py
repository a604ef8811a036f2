"""What stays of JSON in a text, and every text in a value."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from drilllib.core.snapshot.anonymous.fields import PLAIN
from drilllib.core.snapshot.anonymous.words import WITHHELD

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def network_of(text: str) -> str:
    """Of a cluster's `Property` the two fields that are read; what cannot be read stays unreadable."""
    found = _json(text)
    if not text or not isinstance(found, dict):
        return text and WITHHELD
    told = {name: found[name] for name in ("NetworkType", "VpcCniType") if found.get(name)}
    if not all(isinstance(each, str) for each in told.values()):
        return WITHHELD
    return json.dumps({name: each if PLAIN.fullmatch(each) else WITHHELD for name, each in told.items()})


def protocols_of(text: str) -> str:
    """Of `specify-protocol` the protocols of each port; certificates and hosts go."""
    found = _json(text)
    entries = found.items() if isinstance(found, dict) else ()
    told = {port: each.get("protocol") for port, each in entries if port.isdecimal() and isinstance(each, dict)}
    plain = {
        port: [each for each in names if isinstance(each, str) and _WORD.fullmatch(each)]
        for port, names in told.items()
        if isinstance(names, list)
    }
    return json.dumps({port: {"protocol": names} for port, names in plain.items()})


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def texts_in(value: Any) -> Iterator[str]:
    """Every text in an object or a list."""
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inner:
        yield from texts_in(each)
