"""Builds a plan: namespaces, cables, rules and servers; and changes them while the lab runs."""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from drilllib.core.drills.lab import Observation
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.resources import Listener, Target
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.verdict import used
from drilllib.errors import LabStateError
from drilllib.labs.netns.kernel import Namespace, Nft, private_names
from drilllib.labs.netns.network import links, nat
from drilllib.labs.netns.network.groups import FabricGroups
from drilllib.labs.netns.network.health_checks import TIMEOUT_S, Checker, key
from drilllib.labs.netns.network.layer7 import Balancer
from drilllib.labs.netns.network.pods import LISTENING, Pod
from drilllib.labs.netns.plan import CLIENT, FABRIC, BalancerHost, Plan, plan_of
from drilllib.labs.netns.story import nft_trace

CHECK_EVERY_S = 5  # documented: between two health checks


class Build:
    """
    A lab that is up. *slowness* is how long a documented second takes.

    *kept* is the client host of a lab that this one takes the place of, with whoever works in it.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        client: str,
        slowness: float,
        progress: Callable[[str], None],
        kept: Namespace | None = None,
    ) -> None:
        self.snapshot, self.slowness, self._kept = snapshot, slowness, kept
        self.plan = plan_of(snapshot, client)
        self._progress = progress
        self.groups = FabricGroups(snapshot, self.plan)
        self.checks_paused = asyncio.Lock()
        self._balancers: list[Balancer] = []
        self.pods: dict[str, Pod] = {}
        self.nft: dict[str, Nft] = {}
        self.namespaces = {CLIENT: kept} if kept else {}

    async def up(self) -> None:
        """
        Make everything.

        Raises:
            LabStateError: The kernel refuses a step.
            MissingToolError: nftables is not installed.
        """
        self._progress("namespaces")
        if self._kept is None:
            private_names()
        for host in (FABRIC, *self.plan.hosts):
            if host not in self.namespaces:
                self.namespaces[host] = Namespace(host)
        self._progress("interfaces and routes")
        self._settings()
        await self._cables()
        self._progress("rules")
        self.nft |= {host: self._nft(host) for host in self.namespaces}
        self._rules()
        self._progress("servers")
        await self._servers()

    async def down(self) -> Namespace:
        """Remove everything but the client host, which is returned without its cable."""
        servers: list[Balancer | Pod] = [*self._balancers, *self.pods.values()]
        for server in servers:
            server.close()
        with contextlib.suppress(LabStateError):  # half of a lab may have none
            await _ip(FABRIC, [f"link del {self.plan.client.name}"], ipv6=False)
        for nft in self.nft.values():
            nft.close()
        client = self.namespaces.pop(CLIENT)
        for namespace in self.namespaces.values():
            namespace.close()
        return client

    def is_like(self, snapshot: Snapshot) -> bool:
        """Has *snapshot* the same hosts, cables, listeners and NodePorts, so that only rules and bindings differ?"""
        client = str(self.plan.client.addresses[0])
        return _shape(self.snapshot, self.plan) == _shape(snapshot, plan_of(snapshot, client))

    def _settings(self) -> None:
        forwarding = {FABRIC, *(each.host for each in self.plan.balancers), *(each.host for each in self.plan.nodes)}
        for host, namespace in self.namespaces.items():
            wanted = {**links.EVERYWHERE, **(links.FORWARDING if host in forwarding else {})}
            with namespace.inside():
                for name, value in (wanted | (links.CLIENT_SETTINGS if host == CLIENT else {})).items():
                    _set(name, value)

    async def _cables(self) -> None:
        plan, ipv6 = self.plan, any(each.version == 6 for port in self.plan.ports for each in port.addresses)
        at_node = [pod for pod in plan.pods if pod.local]
        hosts = {CLIENT: links.host(plan.client)}
        hosts |= {each.host: links.balancer(each) for each in plan.balancers}
        hosts |= {each.host: links.node(each, plan.pods) for each in plan.nodes}
        hosts |= {pod.host: links.host(pod.over) for pod in plan.pods if not pod.local}
        await _ip(FABRIC, links.fabric(plan), ipv6=ipv6)
        await asyncio.gather(*(_ip(host, lines, ipv6=ipv6) for host, lines in hosts.items()))
        places = {node.host: [pod for pod in at_node if pod.node == node.host] for node in plan.nodes}
        pairs = [(pod, links.own_pod(place, pod)) for pods in places.values() for place, pod in enumerate(pods)]
        await asyncio.gather(*(_ip(pod.host, lines, ipv6=ipv6) for pod, lines in pairs))
        near = {host: [links.pod_device(place) for place, _ in enumerate(pods)] for host, pods in places.items()}
        near[FABRIC] = [port.name for port in plan.ports]
        await asyncio.gather(*(_ip(host, links.in_use(each), ipv6=False) for host, each in near.items() if each))

    def _nft(self, host: str) -> Nft:
        with self.namespaces[host].inside():
            return Nft()

    def _rules(self) -> None:
        self.nft[FABRIC].run("\n".join([*nat.memory(self.plan), *self.groups.rules()]))
        for each in self.plan.balancers:
            self.nft[each.host].run("\n".join(nat.balancer(each)))
        for node in self.plan.nodes:
            self.nft[node.host].run("\n".join(nat.node(self.snapshot, node, self.plan.pods)))

    async def _servers(self) -> None:
        self.pods = {pod.host: Pod(pod, self.namespaces[pod.host], self.slowness) for pod in self.plan.pods}
        for pod in self.pods.values():
            await pod.behave(LISTENING)
        self.checkers = [
            Checker(each, self.namespaces[each.host], TIMEOUT_S * self.slowness) for each in self.plan.balancers
        ]
        for place, checker in zip(self.plan.balancers, self.checkers, strict=True):
            listeners = self.snapshot.listeners(place.balancer.balancer_id) or ()
            timeout_s = self.snapshot.semantics.connect_timeout_s * self.slowness
            balancer = Balancer(
                place, self.namespaces[place.host], listeners, self._chooser(checker), timeout_s, self.slowness
            )
            await balancer.start()
            self._balancers.append(balancer)
        await self.check_health()

    def _chooser(self, checker: Checker) -> Callable[[Listener], list[Target]]:
        return lambda listener: self._used(checker, listener)

    @staticmethod
    def _used(checker: Checker, listener: Listener) -> list[Target]:
        """The targets in use: the healthy ones, or all where none is [CLB-HC]."""
        known = {each.name: each for each in listener.targets or () if each.share}
        if not known:
            return []
        names = used({name: checker.health.get(key(listener, each), "Dead") for name, each in known.items()})
        return [known[name] for name in sorted(names)]

    async def check_health(self) -> None:
        """One round of every CLB's health checks; layer-4 listeners then use what is healthy."""
        await asyncio.gather(*(checker.round() for checker in self.checkers))
        for place, checker in zip(self.plan.balancers, self.checkers, strict=True):
            self._use(place, checker)

    def _use(self, place: BalancerHost, checker: Checker) -> None:
        used = [(each, self._used(checker, each)) for each in place.listeners if each.layer == 4]
        self.nft[place.host].run("\n".join(nat.layer_4(place, used)))

    async def traced(self, request: Awaitable[Observation]) -> tuple[Observation, list[dict[str, Any]]]:
        """Make a request while every host's kernel traces new conversations; the runs of their chains beside it."""
        tracers = {}
        for host, namespace in self.namespaces.items():
            with namespace.inside():
                tracers[host] = nft_trace.Tracer(host), nft_trace.interface_names()
            self.nft[host].run("\n".join(nft_trace.MARKS))
        try:
            observation = await request
            await asyncio.sleep(0.01)  # what a refused packet leaves behind
            return observation, [run for host, pair in tracers.items() for run in self._runs(host, *pair)]
        finally:
            for host, (tracer, _) in tracers.items():
                tracer.close()
                self.nft[host].run("delete table inet story")

    def _runs(self, host: str, tracer: nft_trace.Tracer, names: dict[int, str]) -> Iterable[dict[str, Any]]:
        runs = [run for _, run in tracer.read()]
        groups = self.groups.by_chain()
        tables = {run.table for run in runs if run.rules and run.table != "story"}
        labels = {
            (table, rule["chain"], rule["handle"]): rule.get("comment", "")
            for table in tables
            for rule in (each["rule"] for each in self.nft[host].read(f"list table inet {table}") if "rule" in each)
        }
        for run in runs:
            last = run.rules[-1] if run.rules else None
            label = last and labels.get((run.table, *last), "")
            where = {"host": host, "table": run.table, "chain": run.chain, "verdict": run.verdict}
            ends = {"iif": names.get(run.iif, ""), "oif": names.get(run.oif, "")}
            yield {
                **where,
                **ends,
                "packet": asdict(run.packet),
                "rule": last and [groups.get(last[0], last[0]), label],
            }

    def counted(self, group: str, direction: Direction) -> Counter[int]:
        """How many first packets each rule of a list has decided."""
        found: Counter[int] = Counter()
        chain = self.groups.chain(group, direction)
        for rule in (each["rule"] for each in self.nft[FABRIC].read(f"list chain inet sg {chain}") if "rule" in each):
            found[int(rule["comment"])] += sum(each["counter"]["packets"] for each in rule["expr"] if "counter" in each)
        return found

    async def keep_checking(self) -> None:
        """Check for as long as the lab is up."""
        while True:
            await asyncio.sleep(max(CHECK_EVERY_S * self.slowness, 0.5))
            async with self.checks_paused:
                await self.check_health()

    def become(self, snapshot: Snapshot) -> None:
        """
        Take over the rules and bindings of *snapshot*, in one step; its hosts are those of the lab.

        Raises:
            LabStateError: A list that is bound is not known; nothing has changed then.
        """
        ports = {port.number: port for port in plan_of(snapshot, str(self.plan.client.addresses[0])).ports}
        lines = self.groups.become(snapshot, ports)
        self.snapshot = snapshot
        if lines:
            self.nft[FABRIC].run("\n".join(lines))
        for port in self.plan.ports:
            port.groups = ports[port.number].groups


def _shape(snapshot: Snapshot, plan: Plan) -> list[object]:
    """All of a plan but its rules and bindings."""
    ports = [(each.number, each.host, each.device, each.addresses, each.resource, each.asks) for each in plan.ports]
    balancers = [
        (each.host, replace(each.balancer, groups=()), each.listeners, snapshot.listeners(each.balancer.balancer_id))
        for each in plan.balancers
    ]
    pods = [(each.host, each.name, each.addresses, each.node, each.local, each.listens) for each in plan.pods]
    return [ports, balancers, pods, [nat.node(snapshot, node, plan.pods) for node in plan.nodes]]


def _set(name: str, value: str) -> None:
    path = Path("/proc/sys") / name
    try:
        path.write_text(value)
    except OSError as error:
        if name in links.IF_THE_KERNEL_HAS_IT:
            return
        raise LabStateError(
            "The setting {path} cannot be written here ({reason})",
            remedy="Run drill doctor; the simulated lab works everywhere",
            path=path,
            reason=os.strerror(error.errno or 0),
        ) from None


async def _ip(host: str, lines: Sequence[str], *, ipv6: bool) -> None:
    for options, batch in links.batches(lines, ipv6=ipv6):
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            "ip", "-n", host, *options, "-batch", "-", stdin=pipe, stdout=pipe, stderr=pipe
        )
        _, said = await process.communicate("\n".join([*batch, ""]).encode())
        if process.returncode:
            raise LabStateError(
                "ip refused the network of {host}: {said}",
                remedy="Run drill doctor; if it finds nothing wrong, please report this",
                host=host,
                said=said.decode(errors="replace").strip().splitlines()[0],
            )
