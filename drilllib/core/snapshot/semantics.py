"""
The behaviours that can be switched; core/trace/codes.py has the names of everything a trace may have assumed.

*Documented* behaviour is the default. Where the vendor's documents are silent or disagree, the likeliest reading is the
default and is listed by name in every answer that used it. docs/codes.md gives each name its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from drilllib.errors import InvalidInputError, either, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Semantics:
    """
    How the cloud behaves, one field a behaviour. `original` is the original drill's text, taken at its word.

    The keys in brackets name the source, listed in docs/codes.md.
    """

    profile: str = "documented"

    cluster_policy_hides_client: bool = True
    """Under externalTrafficPolicy Cluster a pod sees the node's address [K8S, TKE-SVC]. Original: the client's."""

    local_delivery_skips_pod_eni: bool = True
    """A pod on the receiving node is reached over its veth, past its ENI's group [inferred, ENI-SH]. Original: not."""

    containers_declare_all_ports: bool = False
    """A pod listens on no port but those its containers declare. `containerPort` is information only [core/v1]."""

    tcp_listener_answers_504: bool = False
    """A layer-4 listener passes packets through and answers nothing itself [CLB-LIS]. Original: 504."""

    dropped_status: int = 504
    """What a layer-7 listener answers when its targets stay silent: 504 [TKE-TS], one vendor note says 502."""

    connect_timeout_s: float = 4.0
    """Seconds a layer-7 listener waits for a target to accept, 4 to 120 [CLB-L7, proxy_connect_timeout]."""

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Semantics":
        """
        Read ``{"profile": NAME, SWITCH: VALUE...}``; a missing profile is `documented`.

        Raises:
            InvalidInputError: The profile or a switch is unknown, or a value has the wrong type.
        """
        given = dict(document)
        base = profile(given.pop("profile", "documented"))
        for name, value in given.items():
            _require_switch(base, name, value)
        switched = replace(base, **given)
        _require_bounds(switched)
        return switched

    def to_dict(self) -> dict[str, Any]:
        """The profile's name and the switches that differ from it."""
        base = profile(self.profile)
        names = (field.name for field in fields(self))
        switched = {name: getattr(self, name) for name in names if getattr(self, name) != getattr(base, name)}
        return {"profile": self.profile, **switched}


def _require_switch(base: Semantics, name: str, value: object) -> None:
    kinds = {field.name: type(getattr(base, field.name)) for field in fields(base)}
    if name not in kinds:
        known = ", ".join(key for key in kinds if key != "profile")
        raise InvalidInputError("semantics has {name}", remedy="Use profile, {known}", name=quoted(name), known=known)
    if type(value) is not kinds[name] and not (kinds[name] is float and type(value) is int):
        raise InvalidInputError(
            "semantics.{name} is {value}",
            remedy="Give a value like {example}",
            name=name,
            value=quoted(value),
            example=getattr(base, name),
        )


def _require_bounds(semantics: Semantics) -> None:
    if semantics.dropped_status not in (502, 504):
        raise InvalidInputError(
            "semantics.dropped_status is {dropped_status}",
            remedy="Use 504, or 502",
            dropped_status=quoted(semantics.dropped_status),
        )
    if not 4 <= semantics.connect_timeout_s <= 120:
        raise InvalidInputError(
            "semantics.connect_timeout_s is {connect_timeout_s}",
            remedy="Use 4 to 120 seconds",
            connect_timeout_s=quoted(semantics.connect_timeout_s),
        )


DOCUMENTED = Semantics()
ORIGINAL = Semantics(
    profile="original",
    cluster_policy_hides_client=False,
    local_delivery_skips_pod_eni=False,
    tcp_listener_answers_504=True,
)
PROFILES = {semantics.profile: semantics for semantics in (DOCUMENTED, ORIGINAL)}


def profile(name: str) -> Semantics:
    """
    The semantics of that name.

    Raises:
        InvalidInputError: There is no such profile.
    """
    if not isinstance(name, str) or name not in PROFILES:
        raise InvalidInputError(
            "The semantics profile is {name}",
            remedy="Use {choices}",
            name=quoted(name),
            choices=either(PROFILES),
        )
    return PROFILES[name]
