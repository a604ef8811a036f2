"""The parts of a snapshot's document, and what each says by itself."""

from collections.abc import Mapping
from typing import Any

from drilllib.core.rules.addresses import Block, parse_block
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.annotations import direct_access_by_default
from drilllib.core.snapshot.names import sizes_of_templates
from drilllib.errors import Message


class Parts:
    """A document, as it was read. A part that is absent was not read."""

    _document: dict[str, Any]

    def part(self, name: str) -> Any:
        """A part of the document as it was read, None where it was not. It is nobody's to change."""
        return self._document.get(name)

    def has(self, part: str) -> bool:
        """Was that part of the document read at all?"""
        return self._document.get(part) is not None

    @property
    def parts(self) -> frozenset[str]:
        """The names of the parts that the document has, the schema among them."""
        return frozenset(self._document)

    def differing(self, other: "Parts") -> frozenset[str]:
        """The names of the parts that are not the same in the *other* document."""
        return frozenset(name for name in self.parts | other.parts if self.part(name) != other.part(name))

    @property
    def region(self) -> str | None:
        """The cloud's region, as in ap-guangzhou; None where it was not said."""
        return self._document.get("region")

    @property
    def regions(self) -> dict[str, str]:
        """The region of each load balancer, by id, that is in another one."""
        told = self._document.get("regions")
        return {name: each for name, each in told.items() if isinstance(each, str)} if isinstance(told, dict) else {}

    def may_lack_listeners(self, balancer_id: str) -> bool:
        """Are the CLB's listeners some of those that it has, as far as is known?"""
        return balancer_id in ((self._document.get("partial") or {}).get("listeners") or ())

    def subnets(self) -> tuple[Block, ...]:
        """
        The blocks of the subnets. API: Subnet, VPC 2017-03-12.

        Raises:
            InvalidInputError: One cannot be read.
        """
        texts = [item.get(field) for item in self._part("subnets") for field in ("CidrBlock", "Ipv6CidrBlock")]
        return tuple(parse_block(text, Message("A subnet in the snapshot")) for text in texts if text)

    @property
    def public_blocks(self) -> tuple[Block, ...] | None:
        """Of an anonymous snapshot the blocks that its public addresses are in; None of any other."""
        texts = self._document.get("anonymous")
        return None if texts is None else tuple(parse_block(text, Message("A block in the snapshot")) for text in texts)

    def version_of(self, group_id: str) -> str | None:
        """The Version of the group's lists, which the API counts up with each change."""
        group = (self._document.get("security_groups") or {}).get(group_id) or {}
        return (group.get("SecurityGroupPolicySet") or {}).get("Version")

    def policy_indices(self, group_id: str, direction: Direction) -> list[int]:
        """The PolicyIndex of each rule in the order of the document; empty where not all rules have one."""
        group = (self._document.get("security_groups") or {}).get(group_id) or {}
        listed = (group.get("SecurityGroupPolicySet") or {}).get(direction.capitalize()) or []
        indices = [policy.get("PolicyIndex") for policy in listed]
        return [] if None in indices else indices

    def template_sizes(self) -> dict[str, int]:
        """How many members each template lists, and how many templates each group of templates."""
        return sizes_of_templates(self._document)

    def direct_access_is_default(self) -> bool | None:
        """Does a Service without the annotation get direct access? None where the switch was not read [TKE-SW]."""
        config = self._cluster.get("controller_config")
        return None if config is None else direct_access_by_default(config)

    @property
    def _cluster(self) -> Mapping[str, Any]:
        return self._document.get("cluster") or {}

    def _part(self, name: str) -> list[dict[str, Any]]:
        return self._document.get(name) or []
