"""
What may stand in a line of a journal, schema ``drilllib/journal/1``: each is checked once, when it is read or written.

So whoever goes back by a journal finds ids that are ids, rules that can be read, and numbers that are known. A line
that is not as it has to be is refused with why, and with it the journal: what is behind it cannot be relied on.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from drilllib.core.changes.change import rules_from
from drilllib.errors import InvalidRuleError, Message, quoted
from drilllib.guard.marks import is_id, moment_of

SCHEMA, FAMILY = "drilllib/journal/1", "drilllib/journal/"
TIME = "%Y-%m-%dT%H:%M:%S%z"
PRACTICE = "practice"  # what that of an attempt is of; its subject is the attempt's log
DRILL_UP = "up"  # what the journal of a drill is of, which `drill down` removes
LONGEST_TEXT = 4_096  # characters of a text
STATES = ("done", "failed", "undoing", "undone")
Check = Callable[[Any], bool]

_JOURNAL = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
_REGION = re.compile(r"[a-z0-9-]{0,40}")
_RESOURCE = re.compile(r"[a-z]{2,10}-[0-9A-Za-z-]{1,60}")
_KIND = re.compile(r"[a-z_]{1,40}")
_SERVICE = re.compile(r"[a-z0-9-]{1,63}/[a-z0-9-]{1,63}")
_UID = re.compile(r"[0-9A-Za-z-]{1,64}")
# Settings of a Service that are changed, with their values.
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "externalTrafficPolicy": ("Cluster", "Local"),
    "direct-access": ("true", "false"),
}


class LineError(Exception):
    """A line is not as it has to be; *why* says so."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_number(value: Any) -> bool:
    return type(value) is int and value > 0


def _matches(pattern: re.Pattern[str]) -> Check:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float) or _is_text(value)


def _or_nothing(check: Check) -> Check:
    return lambda value: value in (None, "") or check(value)


def _is_time(value: Any) -> bool:
    try:
        return datetime.strptime(value, TIME).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_group(value: Any) -> bool:
    return _is_resource(value) and str(value).startswith("sg-")


def _are_groups(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_group, value))


def _are_rules(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        return False
    try:
        rules_from(value)
    except InvalidRuleError:
        return False
    return True


_is_resource, _is_region = _matches(_RESOURCE), _matches(_REGION)
_HEAD: Mapping[str, Check] = {
    "id": _matches(_JOURNAL),
    "opened": _is_text,
    "what": lambda found: _is_text(found) and found != "",
}
_UP: Mapping[str, Check] = {
    "drill": lambda found: _is_text(found) and is_id(found),
    "cluster": _is_resource,
    "region": _is_region,
    "server": _is_text,
}
_MAY_BE_IN_HEAD: Mapping[str, Check] = {
    "region": _or_nothing(_is_region),
    "until": _or_nothing(_is_time),
    "gone_by": _or_nothing(lambda found: _is_text(found) and moment_of(found) is not None),
    **dict.fromkeys(("cluster", "subject", "namespace", "server"), _or_nothing(_is_text)),
}
_INTENTS: Mapping[str, Mapping[str, Check]] = {
    "rules": {
        "group": _is_group,
        "direction": lambda found: found in ("ingress", "egress"),
        "region": _is_region,
        "before": _are_rules,
        "after": _are_rules,
    },
    "binding": {"resource": _is_resource, "region": _is_region, "before": _are_groups, "after": _are_groups},
    "setting": {
        "service": _matches(_SERVICE),
        "server": _is_text,
        "uid": _matches(_UID),
        "name": lambda found: found in tuple(SETTINGS),
    },
}
_LISTS = ("before", "after")
_WALK: Mapping[str, Check] = {"at": _is_time, "version": _is_text, "before": _are_rules, "after": _are_rules}
_MADE: Mapping[str, Check] = {"name": _is_text}  # what another writer makes, such as `drill up`


def require_head(line: Mapping[str, Any]) -> None:
    """The first line of a journal. Raises LineError."""
    if "line" in line:
        raise LineError(Message("it is not the first line of a journal"))
    _require(line, _HEAD)
    _require(line, _UP if line["what"] == DRILL_UP else {})
    _require(line, {name: check for name, check in _MAY_BE_IN_HEAD.items() if name in line})
    _require_plain(line)


def require_line(line: Mapping[str, Any], known: Collection[int]) -> None:
    """A later line; *known* are the numbers of the intents above it. Raises LineError."""
    kind = line.get("line")
    if kind == "closed":
        _require(line, {"how": _is_text})
    elif kind == "intent":
        _require(line, {"number": lambda found: _is_number(found) and found == len(known) + 1, "kind": _matches(_KIND)})
        _require(line, _INTENTS.get(line["kind"], _MADE))
        if line["kind"] == "setting":
            _require(line, dict.fromkeys(_LISTS, lambda found: found in SETTINGS[line["name"]]))
    elif kind in STATES:
        _require(line, {"number": lambda found: _is_number(found) and found in known})
        if has_walk(line):
            _require(line, {**_WALK, "since": lambda found: _is_number(found) and found <= line["number"]})
    else:
        raise LineError(Message("a line of that kind is not known: {kind}", kind=quoted(kind)))
    _require_plain(line)


def has_walk(line: Mapping[str, Any]) -> bool:
    """Does the line say where a list is to be taken back to?"""
    return line.get("line") == "undoing" and any(name in line for name in _LISTS)


def _require(line: Mapping[str, Any], fields: Mapping[str, Check]) -> None:
    for name, check in fields.items():
        if name not in line:
            raise LineError(Message("it has no {field}", field=name))
        if not check(line[name]):
            raise LineError(Message("its {field} is {value}", field=name, value=quoted(line[name])))


def _require_plain(line: Mapping[str, Any]) -> None:
    """Whatever else a line has is text or a number; of rules and bindings the lists were looked at."""
    lists = _LISTS if line.get("kind") in _INTENTS or has_walk(line) else ()
    _require(line, dict.fromkeys((name for name in line if name not in lists), _is_plain))
