"""
The behaviours that can be switched, and the names of everything a trace may have assumed.

*Documented* behaviour is the default. Where the vendor's documents are silent or disagree, the likeliest reading is the
default and is listed by name in every answer that used it. docs/codes.md gives each name its source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from drilllib.errors import InvalidInputError, quoted


class Assumption(StrEnum):
    """What an answer took for granted beyond the documents. Codes are never renamed, only added."""

    APPLICATION_ANSWERS_200 = "APPLICATION_ANSWERS_200"
    CLUSTER_SNAT_USES_NODE_ADDRESS = "CLUSTER_SNAT_USES_NODE_ADDRESS"
    CONTAINER_PORTS_LISTEN = "CONTAINER_PORTS_LISTEN"
    DROPPED_AT_LAYER7_IS_504 = "DROPPED_AT_LAYER7_IS_504"
    ENI_GROUPS_FROM_IPAMD_SETTING = "ENI_GROUPS_FROM_IPAMD_SETTING"
    EVERY_TARGET_IS_TRIED = "EVERY_TARGET_IS_TRIED"
    GROUPS_ARE_ONE_LIST = "GROUPS_ARE_ONE_LIST"
    ICMP_ERRORS_REACH_CLIENT = "ICMP_ERRORS_REACH_CLIENT"
    LAYER7_KEEPS_CLIENT_ADDRESS = "LAYER7_KEEPS_CLIENT_ADDRESS"
    LISTENER_WITHOUT_TARGETS = "LISTENER_WITHOUT_TARGETS"
    LOCAL_DELIVERY_CROSSES_POD_ENI = "LOCAL_DELIVERY_CROSSES_POD_ENI"
    LOCAL_DELIVERY_SKIPS_POD_ENI = "LOCAL_DELIVERY_SKIPS_POD_ENI"
    NODE_ADDRESS_REACHES_POD_AS_CLIENT = "NODE_ADDRESS_REACHES_POD_AS_CLIENT"
    NO_ENDPOINTS_IS_REFUSED = "NO_ENDPOINTS_IS_REFUSED"
    NOT_READY_NODE_FORWARDS = "NOT_READY_NODE_FORWARDS"
    NO_GROUP_ADMITS_ALL = "NO_GROUP_ADMITS_ALL"
    ONLY_SERVICES_USE_NODEPORTS = "ONLY_SERVICES_USE_NODEPORTS"
    PASS_TO_TARGET_ADMITS_PROBES = "PASS_TO_TARGET_ADMITS_PROBES"
    PASS_TO_TARGET_COVERS_PODS = "PASS_TO_TARGET_COVERS_PODS"
    PASS_TO_TARGET_FIRST_HOP_ONLY = "PASS_TO_TARGET_FIRST_HOP_ONLY"
    PORT_WITHOUT_LISTENER_IS_SILENT = "PORT_WITHOUT_LISTENER_IS_SILENT"
    PUBLIC_ADDRESS_IS_NO_MEMBER = "PUBLIC_ADDRESS_IS_NO_MEMBER"
    PROBE_IS_FORWARDED_LIKE_A_FLOW = "PROBE_IS_FORWARDED_LIKE_A_FLOW"
    PROBE_RANGE_BEATS_EXPLICIT_DROP = "PROBE_RANGE_BEATS_EXPLICIT_DROP"
    PROBE_SOURCE_IS_100_64 = "PROBE_SOURCE_IS_100_64"
    REFUSED_AT_LAYER7_IS_502 = "REFUSED_AT_LAYER7_IS_502"
    REPLY_OF_LOCAL_POD_PASSES = "REPLY_OF_LOCAL_POD_PASSES"
    SNATPRO_HIDES_CLIENT = "SNATPRO_HIDES_CLIENT"
    SUBNET_IS_AROUND_ADDRESS = "SUBNET_IS_AROUND_ADDRESS"
    TCP_LISTENER_ANSWERS_504 = "TCP_LISTENER_ANSWERS_504"
    UDP_APPLICATION_ANSWERS = "UDP_APPLICATION_ANSWERS"


class Reason(StrEnum):
    """Why a check, a path or a whole question ended as it did. Codes are never renamed, only added."""

    # of one check
    RULE_MATCHED = "RULE_MATCHED"
    NO_RULE_MATCHED = "NO_RULE_MATCHED"
    NO_GROUP = "NO_GROUP"
    PASS_TO_TARGET = "PASS_TO_TARGET"
    PROBE_RANGE = "PROBE_RANGE"
    FACT_MISSING = "FACT_MISSING"
    # of a path, and of a question whose paths all end alike
    DELIVERED = "DELIVERED"
    CLB_GROUP_DROPPED = "CLB_GROUP_DROPPED"
    TARGET_GROUP_DROPPED = "TARGET_GROUP_DROPPED"
    NODE_EGRESS_DROPPED = "NODE_EGRESS_DROPPED"
    POD_GROUP_DROPPED = "POD_GROUP_DROPPED"
    NO_ENDPOINTS = "NO_ENDPOINTS"
    NO_LOCAL_ENDPOINT = "NO_LOCAL_ENDPOINT"
    NODEPORT_NOT_IN_USE = "NODEPORT_NOT_IN_USE"
    PORT_NOT_LISTENING = "PORT_NOT_LISTENING"
    # of a question only
    DELIVERED_AFTER_RETRY = "DELIVERED_AFTER_RETRY"
    SOME_PATHS_FAIL = "SOME_PATHS_FAIL"
    SEVERAL_CAUSES = "SEVERAL_CAUSES"
    NO_LISTENER = "NO_LISTENER"
    NO_TARGETS = "NO_TARGETS"
    NO_FORWARDING_RULE = "NO_FORWARDING_RULE"
    NOT_MODELLED = "NOT_MODELLED"


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
        kinds = {field.name: type(getattr(base, field.name)) for field in fields(cls)}
        for name, value in given.items():
            if name not in kinds:
                known = ", ".join(key for key in kinds if key != "profile")
                raise InvalidInputError(f"semantics has {quoted(name)}", remedy=f"Use profile, {known}")
            if type(value) is not kinds[name] and not (kinds[name] is float and type(value) is int):
                problem = f"semantics.{name} is {quoted(value)}"
                raise InvalidInputError(problem, remedy=f"Give a value like {getattr(base, name)}")
        switched = replace(base, **given)
        if switched.dropped_status not in (502, 504):
            problem = f"semantics.dropped_status is {quoted(switched.dropped_status)}"
            raise InvalidInputError(problem, remedy="Use 504, or 502")
        if not 4 <= switched.connect_timeout_s <= 120:
            problem = f"semantics.connect_timeout_s is {quoted(switched.connect_timeout_s)}"
            raise InvalidInputError(problem, remedy="Use 4 to 120 seconds")
        return switched

    def to_dict(self) -> dict[str, Any]:
        """The profile's name and the switches that differ from it."""
        base = profile(self.profile)
        names = (field.name for field in fields(self))
        switched = {name: getattr(self, name) for name in names if getattr(self, name) != getattr(base, name)}
        return {"profile": self.profile, **switched}


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
        raise InvalidInputError(f"The semantics profile is {quoted(name)}", remedy=f"Use {' or '.join(PROFILES)}")
    return PROFILES[name]
