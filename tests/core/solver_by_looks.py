"""
Solves a ticket of practice as a person at a terminal would: from what looks print, and from nothing else.

It imports nothing of drilllib, and is given no snapshot, only texts. It halves the way of a request: what the client
meets and what the health checks say, then a capture at the node in the middle, then the rules at one interface.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import NamedTuple

Look = Callable[[str, str], str]  # of a kind, at a place: what it prints
_BLOCK = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+(?![\d/.]*/)")
_URL = re.compile(r"(http|tcp|udp)://([\d.]+):(\d+)")
_SERVICE = re.compile(r"\b([a-z]+/[a-z]+)\b")
_ALWAYS_LET_IN = ip_network("100.64.0.0/10")  # health checks, as the vendor's pages say
_PACKET = re.compile(r"(In|Out) +IP ([\d.]+)\.(\d+) > ([\d.]+)\.(\d+): (Flags \[[SR.]+\]|UDP)")


class Statement(NamedTuple):
    """One cause as it is stated. *rule* is its place from the top, None where no rule matches."""

    kind: str
    resource: str
    group: str = ""
    direction: str = ""
    rule: int | None = None


class Packet(NamedTuple):
    """A first packet in a capture, or a reset."""

    way: str
    source: str
    destination: str
    port: int
    is_reset: bool
    is_answered: bool


class Ticket(NamedTuple):
    """What a ticket tells: who asks what, and for whom it is meant."""

    client: str
    protocol: str
    vip: str
    port: int
    service: str
    served: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Ticket":
        """From its English text."""
        url = _URL.search(text)
        service = _SERVICE.search(_URL.sub("", _BLOCK.sub("", text)))
        assert url, text
        client = next(each for each in _ADDRESS.findall(_URL.sub("", _BLOCK.sub("", text))) if each != url[2])
        served = tuple(_BLOCK.findall(text))
        protocol = "UDP" if url[1] == "udp" else "TCP"
        return cls(client, protocol, url[2], int(url[3]), service[1] if service else "", served)


def rows(text: str, head: str) -> list[dict[str, str]]:
    """The lines of the table that begins with the heading *head*, by the names of its columns."""
    lines = text.splitlines()
    start = next((place for place, line in enumerate(lines) if line.startswith(head)), None)
    if start is None:
        return []
    names = re.split(r" {3,}", lines[start].strip())
    places = [
        lines[start].index(name) if number == 0 else lines[start].index("   " + name) + 3
        for number, name in enumerate(names)
    ]
    found = []
    for line in lines[start + 1 :]:
        if not line.strip():
            break
        ends = [*places[1:], len(line)]
        found.append({name: line[a:b].strip() for name, a, b in zip(names, places, ends, strict=True)})
    return found


def packets(text: str) -> list[Packet]:
    """The first packets and the resets of a capture; over UDP an answer is what goes back the way of another."""
    met = _PACKET.findall(text)
    every = {ends for _, *ends_of, what in met if "R." not in what for ends in [tuple(ends_of)]}
    found, before = list[Packet](), set[tuple[str, ...]]()
    for way, source, source_port, destination, port, what in met:
        back = (destination, port, source, source_port)
        if what != "Flags [S.]" and not (what == "UDP" and back in before):
            found.append(Packet(way, source, destination, int(port), "R." in what, back in every))
        before.add((source, source_port, destination, port))
    return found


class Rules(NamedTuple):
    """The rules of one group, and who the names in them stand for."""

    group: str
    listed: Sequence[Mapping[str, str]]
    members: Mapping[str, str]

    def match(self, direction: str, protocol: str, peer: str, port: int) -> tuple[int, str] | None:
        """The first rule that a packet matches, by its place and action; None where none does."""
        for rule in self.listed:
            fits = rule["DIRECTION"] == direction and self._is_of(rule["PEER"], peer)
            if fits and self._asks(rule["PROTOCOL"], rule["PORT"], protocol, port):
                return int(rule["#"]), rule["ACTION"]
        return None

    def _is_of(self, named: str, peer: str) -> bool:
        blocks = self.members.get(named, "") if named.startswith(("sg-", "ipm")) else named
        return any(ip_address(peer) in ip_network(each) for each in blocks.split(",") if each and each != "<none>")

    def _asks(self, named: str, ports: str, protocol: str, port: int) -> bool:
        if named in self.members:
            entries = [each.split(":") for each in self.members[named].split(",")]
            return any(self._asks(each[0], each[-1], protocol, port) for each in entries)
        ranges = [each.split("-") for each in ports.split(",")]
        return named in ("ALL", protocol) and any(
            each == ["ALL"] or int(each[0]) <= port <= int(each[-1]) for each in ranges
        )


class Solver:
    """One attempt at a ticket. *menu* has the places of each kind of look as the menu lists them."""

    def __init__(self, ticket: str, menu: Mapping[str, Sequence[str]], look: Look) -> None:
        self.ticket, self.menu, self._look = Ticket.read(ticket), menu, look
        self._taken: dict[tuple[str, str], str] = {}

    def look(self, kind: str, place: str = "") -> str:
        """What it prints; nobody pays twice for the same look."""
        if (kind, place) not in self._taken:
            self._taken[kind, place] = self._look(kind, place)
        return self._taken[kind, place]

    def solve(self) -> tuple[Statement, ...]:
        """The causes; none where nothing is wrong."""
        ticket = self.ticket
        if not any(ip_address(ticket.client) in ip_network(each) for each in ticket.served):
            return ()
        health = self.look("health")
        listed = [each for each in rows(health, "LISTENER") if self._is_asked(each["PROTOCOL:PORT"])]
        if not listed:
            return self._without_listener()
        targets = [each for each in listed if each["TARGET"] != "<none>"]
        if targets and all(each["WEIGHT"] == "0" for each in targets):
            return (Statement("weight", listed[0]["LISTENER"]),)
        met = self.look("curl", "client")
        if "another request" in met or re.search(r"200 OK[^*]*\(after [1-9]", met):
            return self._odd(targets)
        if "HTTP/1.1 200" in met or "answer from" in met.replace("no answer from", ""):
            return self._probes(targets)
        if "502" in met or "unreachable" in met or "refused" in met:
            return self._refused()
        is_layer_7 = listed[0]["PROTOCOL:PORT"].startswith("HTTP:")
        if is_layer_7 and "HTTP/1.1" not in met:
            return self._at(self.menu_of("lb-")[0], "ingress", ticket.client, ticket.port)
        return self._silent(targets, is_layer_7)

    def menu_of(self, prefix: str) -> list[str]:
        """The places at which groups are bound, of one kind."""
        return [each for each in self.menu["groups"] if each.startswith(prefix)]

    def _is_asked(self, listener: str) -> bool:
        protocol, port = listener.split(":")
        return ({"HTTP": "TCP", "HTTPS": "TCP"}.get(protocol, protocol), int(port)) == (
            self.ticket.protocol,
            self.ticket.port,
        )

    def _without_listener(self) -> tuple[Statement, ...]:
        """The CLB's fault where the Service says that port, else the client's own."""
        ports = [each["PORT(S)"] for each in self._services()]
        said = any(re.search(rf"(^|,){self.ticket.port}(:\d+)?/{self.ticket.protocol}", each) for each in ports)
        return (Statement("listener", self.menu_of("lb-")[0]),) if said else ()

    def _services(self) -> list[dict[str, str]]:
        listed = rows(self.look("kubectl", "services"), "NAMESPACE")
        return [each for each in listed if f"{each['NAMESPACE']}/{each['NAME']}" == self.ticket.service]

    def _refused(self) -> tuple[Statement, ...]:
        """No endpoint, none that is ready, or a pod that does not listen there."""
        listed = rows(self.look("kubectl", "endpoints"), "NAMESPACE")
        own = [each for each in listed if f"{each['NAMESPACE']}/{each['SERVICE']}" == self.ticket.service]
        there = [each for each in own if each["IP"] != "<none>"]
        kind = (
            "selector"
            if not there
            else "target_port"
            if any(each["READY"] == "True" for each in there)
            else "not_ready"
        )
        return (Statement(kind, f"Service/{self.ticket.service}"),)

    def _silent(self, targets: Sequence[Mapping[str, str]], is_layer_7: bool) -> tuple[Statement, ...]:
        """Somewhere a packet is lost: before the target where health checks pass, which ask for the same pods."""
        target, (address, port) = targets[0]["TARGET"], targets[0]["IP:PORT"].split(":")
        if not target.startswith("ins-"):
            return self._before(self._interface_with(address), address, int(port), is_layer_7)
        instance = target.split(":")[0]
        _, name, state, _ = re.split(r" {3,}", self.look("groups", instance).splitlines()[0])
        if state != "RUNNING":
            return (Statement("stopped", instance),)
        if self.ticket.protocol == "TCP" and all(each["HEALTH"] == "Alive" for each in targets):
            return self._before(instance, address, int(port), is_layer_7)
        seen = packets(self.look("capture", name))
        if not any(each.way == "In" and each.source == self.ticket.client for each in seen):
            return self._before(instance, address, int(port), is_layer_7)
        return self._behind(instance, [each for each in seen if each.way == "Out"])

    def _odd(self, targets: Sequence[Mapping[str, str]]) -> tuple[Statement, ...]:
        """Some requests fare worse than others: which target leaves them unanswered, or which pod behind one?"""
        out = [each for each in packets(self.look("capture", "clb")) if each.way == "Out"]
        own = [each for each in out if each.source == self.ticket.client]
        silent = {each.destination for each in own if not each.is_answered}
        for target in targets:
            (address, port), instance = target["IP:PORT"].split(":"), target["TARGET"].split(":")[0]
            if silent and address not in silent:
                continue
            if not instance.startswith("ins-"):
                return self._at(self._interface_with(address), "ingress", self.ticket.client, int(port))
            _, name, *_ = re.split(r" {3,}", self.look("groups", instance).splitlines()[0])
            seen = packets(self.look("capture", name))
            if not any(each.way == "In" and each.source == self.ticket.client for each in seen):
                return self._at(instance, "ingress", self.ticket.client, int(port))
            lost = [each for each in seen if each.way == "Out" and not each.is_answered and not each.is_reset]
            if lost:
                return self._behind(instance, lost)
        return ()

    def _before(self, resource: str, address: str, port: int, is_layer_7: bool) -> tuple[Statement, ...]:
        """The CLB's groups or the target's: one look at what leaves the CLB tells which."""
        if not is_layer_7:
            out = [each for each in packets(self.look("capture", "clb")) if each.way == "Out"]
            if not any(each.source == self.ticket.client for each in out):
                return self._at(self.menu_of("lb-")[0], "ingress", self.ticket.client, self.ticket.port)
        return self._at(resource, "ingress", self.ticket.client, port)

    def _behind(self, instance: str, out: Sequence[Packet]) -> tuple[Statement, ...]:
        """The node got it: does it send it on, and do its own groups let that out?"""
        sent = [each for each in out if not each.is_reset]
        if not sent:
            return self._refused() if out else (Statement("local_policy", f"Service/{self.ticket.service}"),)
        packet = sent[0]
        held = self._at(instance, "egress", packet.destination, packet.port)
        return held or self._at(self._interface_with(packet.destination), "ingress", packet.source, packet.port)

    def _probes(self, targets: Sequence[Mapping[str, str]]) -> tuple[Statement, ...]:
        """Clients get through, and health checks do not: from where do they come?"""
        sick = [each for each in targets if each["HEALTH"] != "Alive"]
        if not sick:
            return ()
        address, port = sick[0]["IP:PORT"].split(":")
        out = [
            each for each in packets(self.look("capture", "clb")) if each.way == "Out" and each.destination == address
        ]
        source = next(each.source for each in out if each.source != self.ticket.client)
        target = sick[0]["TARGET"].split(":")[0]
        if not target.startswith("ins-"):
            return self._at(self._interface_with(address), "ingress", source, int(port))
        if ip_address(source) not in _ALWAYS_LET_IN:
            return self._at(target, "ingress", source, int(port))
        _, name, *_ = re.split(r" {3,}", self.look("groups", target).splitlines()[0])
        return self._behind(target, [each for each in packets(self.look("capture", name)) if each.way == "Out"])

    def _interface_with(self, address: str) -> str:
        """The interface that carries a pod's address, looked for one by one."""
        found = (
            each
            for each in self.menu_of("eni-")
            if address in re.split(r"[ ,]+", self.look("groups", each).splitlines()[0])
        )
        return next(found, "")

    def _at(self, resource: str, direction: str, peer: str, port: int) -> tuple[Statement, ...]:
        """What the groups at one interface do with a packet; nothing where they let it pass."""
        listed = [each["SECURITY GROUP"] for each in rows(self.look("groups", resource), "#")]
        for group in listed:
            text = self.look("rules", group)
            members = {each["NAME"]: each["MEMBERS"] for each in rows(text, "NAME")}
            found = Rules(group, rows(text, "DIRECTION"), members).match(direction, self.ticket.protocol, peer, port)
            if found is not None:
                dropped = Statement("group", resource, group, direction, found[0])
                return (dropped,) if found[1] == "DROP" else ()
        return (Statement("group", resource, listed[0], direction),)
