"""What a person says of a live lab, in the environment of a notebook's kernel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drilllib.core.drills.default_lab import SERVICE
from drilllib.core.rules.addresses import parse_client
from drilllib.errors import InvalidInputError, either, quoted
from drilllib.guard.errors import OpenToWorldError
from drilllib.labs.live.roles import PARTS

NAMES = ("DRILL_SERVICE", "DRILL_GROUPS", "DRILL_CLIENT", "DRILL_OPEN_TO_WORLD")
_PART_OF_RESOURCE = {"lb": "clb", "ins": "node", "eni": "pod"}
OF_A_PARAMETER = dict(zip(("service", "groups", "address", "open_to_world"), NAMES, strict=True))


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """
    *service* (`NAMESPACE/NAME`) is what is asked. *groups* names the group of each part (clb, node, pod), which may
    then be written to; others only where they are tagged as the drill's own. *client* is the address that requests come
    from; "" is the lesson's own. *world* are parts that a drill may open to everybody.
    """

    service: str = SERVICE
    groups: Mapping[str, str] = field(default_factory=dict)
    client: str = ""
    world: tuple[str, ...] = ()


def settings_of(environment: Mapping[str, str]) -> LiveSettings:
    """
    What `DRILL_SERVICE`, `DRILL_GROUPS` (``clb=sg-...,node=sg-...``), `DRILL_CLIENT` and `DRILL_OPEN_TO_WORLD` say.

    Raises:
        InvalidInputError: One of them cannot be used.
    """
    service, groups, client, world = (environment.get(name, "").strip() for name in NAMES)
    pairs = [each.partition("=") for each in groups.split(",") if each.strip()]
    for part in (*(name.strip() for name, _, _ in pairs), *_words(world)):
        _require_part(part)
    if client:
        parse_client(client)
    named = {name.strip(): value.strip() for name, _, value in pairs}
    return LiveSettings(service or SERVICE, named, client, _words(world))


def by_parameter(error: OpenToWorldError, groups: Mapping[str, str]) -> OpenToWorldError:
    """
    The same refusal, with how a drill is given leave: by the part that opens, and no option of a command.

    *groups* is the group of each part.
    """
    parts = {group: part for part, group in groups.items()}
    part = parts.get(error.name) or _PART_OF_RESOURCE.get(error.name.partition("-")[0], "clb")
    return OpenToWorldError(
        error.problem_message,
        remedy="Where that is meant, begin the drill with -p open_to_world={part}, or DRILL_OPEN_TO_WORLD={part}",
        part=part,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _require_part(part: str) -> None:
    if part not in PARTS:
        raise InvalidInputError(
            "{part} is no part of a drill", remedy="Use {choices}", part=quoted(part), choices=either(tuple(PARTS))
        )
