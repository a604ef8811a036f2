"""The fields of a rule in the vendor's JSON, each read strictly. What cannot be read raises InvalidRuleError."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from drilllib.core.rules.addresses import EVERYONE, Block
from drilllib.core.rules.members import PortRanges, Reference
from drilllib.core.rules.rules import LAST_PORT, PROTOCOLS_WITH_PORTS
from drilllib.errors import InvalidRuleError, quoted

_PEERS = ("CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate")
_TEMPLATE_IDS = {"AddressTemplate": ("AddressId", "AddressGroupId"), "ServiceTemplate": ("ServiceId", "ServiceGroupId")}
_KNOWN = {*_PEERS, "Action", "Protocol", "Port", "ServiceTemplate", "PolicyIndex", "Priority"}
_KNOWN |= {"PolicyDescription", "ModifyTime"}
_LONGEST = 80  # characters of a field's name
ID = re.compile(r"[0-9A-Za-z_.-]+")
GROUP_ID = re.compile(rf"([0-9]+/)?{ID.pattern}")  # of another account: ACCOUNT/sg-...
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(/\d{1,3})?", re.ASCII)


def unknown_fields(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields with a value that no version of the API known here has, at most three; they may change its meaning."""
    found = [(name, policy[name]) for name in policy if name not in _KNOWN]
    for template, ids in _TEMPLATE_IDS.items():
        inner = policy.get(template) or {}
        found += [(f"{template}.{name}", inner[name]) for name in inner if name not in ids]
    return tuple(str(name)[:_LONGEST] for name, value in found if not is_empty(value))[:3]


def is_empty(value: Any) -> bool:
    """Null, an empty text, or a list or object with nothing else in it: an absent field, to the vendor."""
    if isinstance(value, str):
        return not value
    if isinstance(value, Mapping):
        return all(map(is_empty, value.values()))
    return all(map(is_empty, value)) if isinstance(value, list) else value is None


def text_of(policy: Mapping[str, Any], name: str) -> str:
    """The text of a field; empty where it is absent."""
    value = policy.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRuleError("{name} is {value}", remedy="Write {name} as a text", name=name, value=quoted(value))
    return value.strip()


def one_of(policy: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """One of *choices*, in whatever case it is written."""
    value = text_of(policy, name)
    if not value.isascii() or value.upper() not in choices:
        raise InvalidRuleError(
            "{name} is {value}",
            remedy="Use one of {choices}",
            name=name,
            value=quoted(value),
            choices=", ".join(choices),
        )
    return value.upper()


def ports_of(policy: Mapping[str, Any], protocol: str) -> PortRanges | None:
    """``80``, ``80,443`` or ``8000-8010``; None for all ports, and for a protocol without any."""
    text = text_of(policy, "Port")
    if text.upper() in ("", "ALL"):
        return None
    if protocol not in PROTOCOLS_WITH_PORTS:
        raise InvalidRuleError(
            "Protocol {protocol} has the Port {text}",
            remedy="Ports go with TCP and UDP only; leave Port out or write ALL",
            protocol=protocol,
            text=quoted(text),
        )
    return tuple(_port_range(part.strip(), text) for part in text.split(","))


def _port_range(part: str, whole: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", part, re.ASCII)
    if match is None:
        raise InvalidRuleError(
            "Port is {whole}", remedy="Write a port 80, a list 80,443, a range 8000-8010, or ALL", whole=quoted(whole)
        )
    first, last = int(match[1]), int(match[2] or match[1])
    if not (1 <= first <= LAST_PORT and 1 <= last <= LAST_PORT):
        raise InvalidRuleError("Port is {whole}", remedy="Use ports from 1 to 65535", whole=quoted(whole))
    if first > last:
        raise InvalidRuleError(
            "Port is {whole}, which runs backwards", remedy="Write the lower port first", whole=quoted(whole)
        )
    return first, last


def peer_of(policy: Mapping[str, Any], protocol: str) -> Block | Reference:
    """The one far end that a rule names."""
    template = template_of(policy, "AddressTemplate")
    given = [name for name in _PEERS[:3] if text_of(policy, name)] + (["AddressTemplate"] if template else [])
    if len(given) != 1:
        raise InvalidRuleError(
            "A rule has {given}" if given else "A rule has no peer",
            remedy="Give exactly one of {peers}",
            given=" and ".join(given),
            peers=", ".join(_PEERS),
        )
    if template:
        return template
    value = text_of(policy, given[0])
    if given[0] == "SecurityGroupId":
        return _reference("SecurityGroupId", value)
    if given[0] == "Ipv6CidrBlock" and protocol == "ICMP":
        raise InvalidRuleError(
            "Protocol ICMP goes with the IPv6 block {value}", remedy="Use ICMPV6 for IPv6", value=quoted(value)
        )
    return block_of(given[0], value)


def block_of(name: str, text: str) -> Block:
    """Host bits are cleared, and 0.0.0.0 with any prefix length means every address, as the API documents."""
    if text.upper() == "MY_PUBLIC_IP":
        raise InvalidRuleError(
            "{name} is MY_PUBLIC_IP",
            remedy="Write the address; the cloud replaces this word only when a rule is written",
            name=name,
        )
    kind = IPv4Network if name == "CidrBlock" else IPv6Network
    try:
        block = kind(text, strict=False) if _ADDRESS.fullmatch(text) else None
    except ValueError:
        block = None
    if block is None:
        raise InvalidRuleError(
            "{name} is {text}",
            remedy="Write an IPv4 address or block, such as 203.0.113.0/24"
            if kind is IPv4Network
            else "Write an IPv6 address or block, such as 2001:db8::/32; IPv4 goes into CidrBlock",
            name=name,
            text=quoted(text),
        )
    return EVERYONE[4] if text.startswith("0.0.0.0/") else block


def template_of(policy: Mapping[str, Any], name: str) -> Reference | None:
    """The template that a rule names; None where it names none."""
    value = policy.get(name)
    if value is None or value == {} or value == "":
        return None
    if not isinstance(value, Mapping):
        raise InvalidRuleError(
            "{name} is {value}", remedy="Write {name} as an object with an id", name=name, value=quoted(value)
        )
    ids = [text for text in (text_of(value, key) for key in _TEMPLATE_IDS[name]) if text]
    if len(ids) > 1:
        raise InvalidRuleError(
            "{name} has both {names}", remedy="Keep one id", name=name, names=" and ".join(map(quoted, ids))
        )
    return _reference(name, ids[0]) if ids else None


def _reference(kind: str, name: str) -> Reference:
    if not (GROUP_ID if kind == "SecurityGroupId" else ID).fullmatch(name):
        raise InvalidRuleError(
            "{kind} has the id {name}",
            remedy="Write an id such as sg-1a2b3c4d or ipm-1a2b3c4d",
            kind=kind,
            name=quoted(name),
        )
    return Reference(kind, name)
