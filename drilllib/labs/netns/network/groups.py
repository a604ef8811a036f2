"""The security groups of a lab's fabric: the chains of its groups and interfaces, and what a change makes of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import LabStateError
from drilllib.labs.netns import labels
from drilllib.labs.netns.network import firewall, nat
from drilllib.labs.netns.plan import PROBES_FROM, Plan, Port


class FabricGroups:
    """A chain for each list of each group, by the group's number, and one for each interface that asks its groups."""

    def __init__(self, snapshot: Snapshot, plan: Plan) -> None:
        self._snapshot, self._plan = snapshot, plan
        self._numbers = {name: number for number, name in enumerate(snapshot.groups)}

    def chain(self, group: str, direction: Direction) -> str:
        """The chain of one list of a group."""
        return firewall.group_chain(self._numbers[group], direction)

    def by_chain(self) -> dict[str, str]:
        """Each chain's group."""
        return {self.chain(name, direction): name for name in self._numbers for direction in firewall.DIRECTIONS}

    def rules(self) -> Iterator[str]:
        """
        The whole table.

        Raises:
            LabStateError: A list that is bound is not known.
        """
        ports = {port.name: port.asks for port in self._plan.ports if port.asks}
        yield from firewall.table(ports, len(self._numbers), self._exempt())
        for name, number in self._numbers.items():
            for direction in firewall.DIRECTIONS:
                group = self._snapshot.group(name)
                if group.rules(direction) is not None:
                    yield from firewall.group_rules(group, number, direction, firewall.counting)
        for port in self._plan.ports:
            for direction in port.asks:
                yield from self._binding(port, port.groups, direction)

    def become(self, snapshot: Snapshot, ports: Mapping[int, Port]) -> list[str]:
        """
        Take over *snapshot*, with *ports* as its plan has them, by number; the statements that change the table.

        Raises:
            LabStateError: A list that is bound is not known; nothing has changed then.
        """
        before, numbers = self._snapshot, dict(self._numbers)
        self._snapshot = snapshot
        try:
            return [*self._new_chains(), *self._changed_groups(before), *self._changed_bindings(ports)]
        except LabStateError:
            self._snapshot, self._numbers = before, numbers
            raise

    def _new_chains(self) -> list[str]:
        """Chains for groups that the lab has not met yet; those of groups that are gone stay, and decide nothing."""
        new = [name for name in self._snapshot.groups if name not in self._numbers]
        self._numbers |= {name: number for number, name in enumerate(new, start=len(self._numbers))}
        return [
            f"add chain {firewall.TABLE} {self.chain(name, direction)}"
            for name in new
            for direction in firewall.DIRECTIONS
        ]

    def _changed_groups(self, before: Snapshot) -> Iterable[str]:
        for name, number in self._numbers.items():
            for direction in firewall.DIRECTIONS:
                old, new = before.group(name), self._snapshot.group(name)
                if new.rules(direction) is not None and _differ(old, new, direction):
                    chain = firewall.group_chain(number, direction)
                    yield firewall.replaced(chain, firewall.group_rules(new, number, direction, firewall.counting))

    def _changed_bindings(self, ports: Mapping[int, Port]) -> Iterable[str]:
        for port in self._plan.ports:
            if ports[port.number].groups != port.groups:
                for direction in port.asks:
                    rules = self._binding(port, ports[port.number].groups, direction)
                    yield firewall.replaced(firewall.port_chain(port.name, direction), rules)

    def _exempt(self) -> dict[Direction, list[tuple[str, str]]]:
        """
        What enters unasked: probes from a CLB's own range, forwarded too; all from a CLB that passes to targets.

        A node's packets to an interface of its own pod's leave it by the node's, unless the semantics say otherwise.
        """
        entering = []
        for each in self._plan.balancers:
            name = f'iifname "{each.port.name}"'
            for family, word in nat.FAMILY.items():
                entering.append((f"{word} saddr {each.own_address(PROBES_FROM, family)}", labels.PROBE))
            passes = name if each.balancer.pass_to_target else f"{name} meta nfproto ipv6"
            entering.append((passes, labels.PASSED))
        leaving = [
            (f'iifname "{node.ports[0].name}" oifname "{pod.over.name}"', labels.LOCAL)
            for node in self._plan.nodes
            for pod in self._plan.pods
            if pod.node == node.host and not pod.local and not self._snapshot.semantics.local_delivery_skips_pod_eni
        ]
        return {Direction.INGRESS: entering, Direction.EGRESS: leaving}

    def _binding(self, port: Port, groups: Sequence[str], direction: Direction) -> list[str]:
        for name in groups:
            rules = self._snapshot.group(name).rules(direction)
            if name not in self._numbers or rules is None or any(rule.unknown for rule in rules):
                raise LabStateError(
                    "The {direction} rules of {name}, bound to {resource}, are not known",
                    remedy="Add them to the snapshot, or use the simulated lab",
                    direction=direction,
                    name=name,
                    resource=port.resource or port.host,
                )
        return firewall.binding(port.name, direction, [self._numbers[name] for name in groups])


def _differ(old: SecurityGroup, new: SecurityGroup, direction: Direction) -> bool:
    """Rules that name a group mean other addresses once another binding changed, so those are always written anew."""
    rules = new.rules(direction)
    return rules != old.rules(direction) or any(rule.references for rule in rules or ())
