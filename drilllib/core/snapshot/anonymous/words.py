"""
What stands in the place of each name, id, domain name and address of a snapshot: the same thing for the same text.

A snapshot is written twice: a `Collector` only notes what it is asked for, then the `Words` made of it answer. Names
are numbered in the order of their texts, so that what is sorted by name is sorted alike.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from drilllib.core.rules.addresses import Address, Block
from drilllib.core.snapshot.anonymous.addresses import AddressMap, address_in, block_of, common_block
from drilllib.core.snapshot.insiders import IPV6_OF_VPC
from drilllib.core.snapshot.interfaces import SUPER_NODE

HEADLESS = "None"  # the clusterIP of a Service without one
WITHHELD = "withheld"
# How the vendor's ids begin.
_IDS = re.compile(r"(acl|cls|eni|ins|ipm|ipmg|kn|lb|lbl|loc|np|ppm|ppmg|sg|subnet|vpc)-")
_KNOWN = frozenset(("", "default", "kube-system", "kube-public", "kube-node-lease", "istio-system", "kubernetes"))
_KNOWN_KEYS = re.compile(r"([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io|cloud\.tencent\.com|tke\.io)/[A-Za-z0-9._-]+")
_CONDITIONS = frozenset(
    (
        *("Ready", "ContainersReady", "Initialized", "PodScheduled", "PodReadyToStartContainers", "DisruptionTarget"),
        *("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable", "OutOfDisk"),
    )
)
_PARTS = re.compile(r"[^.*]+")  # of a domain name


class Words:
    """
    What stands in the place of texts.

    Args:
        names: each name with what kind of thing it is of, in the order of the snapshot.
        hosts: the parts of domain names between the dots, in lower case.
        blocks: every block and address, as in `AddressMap`.
        ends: the ends of ranges.
    """

    def __init__(
        self, names: dict[str, str], hosts: Iterable[str], blocks: Iterable[Block], ends: Iterable[Address]
    ) -> None:
        self._names = _numbered(names)
        self._hosts = _numbered(dict.fromkeys(hosts, "h"), dash="")
        blocks, ends = list(blocks), list(ends)
        self._maps = {
            family: AddressMap(
                family,
                [each for each in blocks if each.version == family],
                [each for each in ends if each.version == family],
            )
            for family in (4, 6)
        }
        self.replaced: dict[str, str] = {}

    def name(self, text: str, role: str) -> str:
        """In the place of a name or an id; an address is replaced as such, what Kubernetes itself calls so stays."""
        if text in _KNOWN or not text.strip():
            return text
        account, slash, name = text.partition("/")
        if slash and account.isdecimal():  # a group of another account
            return f"{self.name(account, 'account')}/{self.name(name, role)}"
        address = address_in(text)
        return str(self.address(address)) if address is not None else self._said(text, self._named(text, role))

    def knows(self, text: str) -> bool:
        """Is it a name of the snapshot?"""
        return text in self._names

    def key(self, text: str) -> str:
        """In the place of the key of a label or the type of a condition; those of Kubernetes and the vendor stay."""
        return text if _KNOWN_KEYS.fullmatch(text) or text in _CONDITIONS else self.name(text, "key")

    def domain(self, text: str) -> str:
        """In the place of a domain name, part by part, so that wildcards go on fitting; a regular expression goes."""
        address = address_in(text)
        if address is not None:
            return str(self.address(address))
        if text.strip().startswith("~"):
            return f"~{WITHHELD}"
        return self._said(text, _PARTS.sub(lambda part: self._host(part[0]), text))

    def peer(self, text: str) -> str:
        """In the place of an address, a block or a range ``LOW-HIGH``; what is none of these goes."""
        if not text.strip() or text.startswith("0.0.0.0/") or text == HEADLESS:
            return text
        low, dash, high = (part.strip() for part in text.partition("-"))
        try:
            if not dash:
                return self._said(text, self._block(low))
            ends = ip_address(low), ip_address(high)
        except ValueError:
            return WITHHELD
        return self._range(text, *ends)

    def address(self, address: Address) -> Address:
        """In the place of an address."""
        found = self.block(block_of(address)).network_address
        self._said(str(address), str(found))
        return found

    def block(self, block: Block) -> Block:
        """In the place of a block."""
        return self._maps[block.version].block(block)

    @property
    def public_blocks(self) -> tuple[Block, ...]:
        """The blocks that all public addresses are in afterwards, of both families."""
        return tuple(block for each in self._maps.values() for block in each.new)

    def _range(self, text: str, low: Address, high: Address) -> str:
        if low.version != high.version or int(low) > int(high):
            return WITHHELD
        self.block(common_block(low, high))
        return self._said(text, f"{self.address(low)}-{self.address(high)}")

    def _block(self, text: str) -> str:
        """A block with bits behind its length goes on having such: one."""
        block = ip_network(text, strict=False)
        found, (first, slash, _) = self.block(block), text.partition("/")
        if not slash:
            return str(found.network_address)
        has_more = ip_address(first) != block.network_address
        return f"{found.network_address + 1 if has_more else found.network_address}/{block.prefixlen}"

    def _named(self, text: str, role: str) -> str:
        return self._names.get(text, WITHHELD)

    def _host(self, part: str) -> str:
        found = self._hosts.get(part.casefold(), WITHHELD)
        return found if part == part.casefold() else found.upper()

    def _said(self, text: str, found: str) -> str:
        if text != found:
            self.replaced[text] = found
        return found


class Collector(Words):
    """Notes every text it is asked for, and gives it back."""

    def __init__(self) -> None:
        super().__init__({}, (), (), ())
        self._roles: dict[str, str] = {}
        self._parts: dict[str, None] = {}
        self._blocks: list[Block] = []
        self._ends: list[Address] = []

    def words(self) -> Words:
        """The replacements of all that was noted."""
        return Words(self._roles, self._parts, self._blocks, self._ends)

    def block(self, block: Block) -> Block:
        """Around an IPv6 address its VPC is noted as well: what is in one stays in one."""
        if block.version == 6 and block.prefixlen > IPV6_OF_VPC:
            self._blocks.append(block.supernet(new_prefix=IPV6_OF_VPC))
        self._blocks.append(block)
        return block

    def _range(self, text: str, low: Address, high: Address) -> str:
        if low.version == high.version and int(low) <= int(high):
            self._ends += [low, high]
        return super()._range(text, low, high)

    def _named(self, text: str, role: str) -> str:
        """What is called alike has one new name; that of a slice or a value is told least by it."""
        if self._roles.get(text, "value") in ("value", "endpointslice"):
            self._roles[text] = role
        return text

    def knows(self, text: str) -> bool:
        """Is it one so far?"""
        return text in self._roles

    def _host(self, part: str) -> str:
        self._parts.setdefault(part.casefold())
        return part


def _numbered(roles: dict[str, str], dash: str = "-") -> dict[str, str]:
    """Each text with its new name: what it is of, and a number in the order of the texts."""
    width = len(str(len(roles)))
    return {
        text: f"{_prefix(text, roles[text], dash)}{number:0{width}}" for number, text in enumerate(sorted(roles), 1)
    }


def _prefix(text: str, role: str, dash: str) -> str:
    """How the new name begins: as the vendor's ids and names of super nodes do, where this one does."""
    if role == "account":
        return "1000"
    if text.startswith(SUPER_NODE):
        return SUPER_NODE
    found = _IDS.match(text)
    return found[0] if found else f"{role}{dash}"
