"""
What a snapshot knows of the names in rules: who is bound to a group, what a template stands for.

API: AddressTemplate, AddressTemplateGroup, ServiceTemplate, ServiceTemplateGroup, VPC 2017-03-12; a part of the
snapshot maps each id to its object. What depends on an id that is not there, or on an object that is not understood,
is undetermined.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from drilllib.core.rules.addresses import Address, address_at
from drilllib.core.rules.members import Directory, Members, address_range, group_members
from drilllib.core.rules.policies import service_entry
from drilllib.core.snapshot.ledger.cloud import (
    ADDRESS_TEMPLATE,
    ADDRESS_TEMPLATE_GROUP,
    SERVICE_TEMPLATE,
    SERVICE_TEMPLATE_GROUP,
)
from drilllib.core.snapshot.ledger.tables import doubts_of
from drilllib.core.snapshot.schema import TEMPLATES

Entry = TypeVar("Entry")
_KINDS = {
    "address_templates": ADDRESS_TEMPLATE,
    "address_template_groups": ADDRESS_TEMPLATE_GROUP,
    "service_templates": SERVICE_TEMPLATE,
    "service_template_groups": SERVICE_TEMPLATE_GROUP,
}
Document = Mapping[str, Any]


def read_directory(document: Document) -> Directory:
    """
    Everything *document* tells.

    Raises:
        InvalidRuleError: A member of a template cannot be read.
    """
    ranges = _templates(document, "address_templates", "AddressSet", "AddressExtraSet", "Address", address_range)
    ranges |= _template_groups(document, "address_template_groups", "AddressTemplateIdSet", ranges)
    peers = _Peers(document, {name: Members(certain=tuple(found)) for name, found in ranges.items()})
    services = _templates(document, "service_templates", "ServiceSet", "ServiceExtraSet", "Service", service_entry)
    services |= _template_groups(document, "service_template_groups", "ServiceTemplateIdSet", services)
    entries = {name: tuple(found) for name, found in services.items()}
    return Directory(peers, other_groups=peers.nobody, services=entries)


def sizes_of_templates(document: Document) -> dict[str, int]:
    """How many members each template lists, and how many templates each group of templates."""
    sizes = {}
    for part, fields in TEMPLATES.items():
        for name, template in (document.get(part) or {}).items():
            sizes[name] = max(len(template.get(field.removesuffix("?")) or ()) for field in fields)
    return sizes


class _Peers(Mapping[str, Members]):
    """The members of groups, found when first one is asked for, beside those of *templates*."""

    def __init__(self, document: Document, templates: Mapping[str, Members]) -> None:
        self._document, self._templates = document, templates

    def __getitem__(self, name: str) -> Members:
        return self._templates[name] if name in self._templates else self._of_groups[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._of_groups, **self._templates})

    def __len__(self) -> int:
        return len({**self._of_groups, **self._templates})

    def nobody(self) -> Members:
        """The members of a group that is bound to nothing in the snapshot."""
        return self._nobody

    @cached_property
    def _bound(self) -> Mapping[Address, list[str]]:
        return {address: groups for address, groups in _bindings(self._document) if groups is not None}

    @cached_property
    def _nobody(self) -> Members:
        return group_members((), self._bound)

    @cached_property
    def _of_groups(self) -> Mapping[str, Members]:
        bound: dict[str, list[Address]] = {}
        for address, groups in self._bound.items():
            for name in groups:
                bound.setdefault(name, []).append(address)
        return {name: self._members(found) for name, found in bound.items()}

    def _members(self, bound: list[Address]) -> Members:
        if any(address.version == 6 for address in bound):
            return group_members(bound, self._bound.keys() - set(bound))
        return replace(self._nobody, certain=group_members(bound, ()).certain)


def _bindings(document: Document) -> Iterable[tuple[Address, list[str] | None]]:
    """Each address with its groups, None where those were not read; the instance's come last."""
    for item in document.get("network_interfaces") or ():
        texts = [entry["PrivateIpAddress"] for entry in item.get("PrivateIpAddressSet") or ()]
        texts += [entry["Address"] for entry in item.get("Ipv6AddressSet") or ()]
        yield from ((address_at(text), item.get("GroupSet")) for text in texts)
    for item in document.get("instances") or ():
        texts = [*(item.get("PrivateIpAddresses") or ()), *(item.get("IPv6Addresses") or ())]
        yield from ((address_at(text), item.get("SecurityGroupIds")) for text in texts)


def _templates(
    document: Document, part: str, listed: str, extra: str, field: str, read: Callable[[str, str], Entry]
) -> dict[str, list[Entry]]:
    """The entries of each template that has them, from the plain list or from the one with descriptions."""
    found = {}
    for name, template in (document.get(part) or {}).items():
        if doubts_of(_KINDS[part], template, name):
            continue
        if template.get(listed) is not None or template.get(extra) is not None:
            texts = template.get(listed) or [entry[field] for entry in template.get(extra) or ()]
            found[name] = [read(text, name) for text in texts]
    return found


def _template_groups(
    document: Document, part: str, listed: str, templates: Mapping[str, list[Entry]]
) -> dict[str, list[Entry]]:
    """The entries of each group of templates, as far as all its templates are there."""
    found = {}
    for name, group in (document.get(part) or {}).items():
        names = group.get(listed)
        if names is not None and not doubts_of(_KINDS[part], group, name) and all(each in templates for each in names):
            found[name] = [entry for each in names for entry in templates[each]]
    return found
