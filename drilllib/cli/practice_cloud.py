"""A world of practice on a local cloud: what kubectl, tccli or Terraform change there has changed in the world."""

from collections.abc import Mapping, Sequence
from typing import Any

from drilllib.cli.shell import interactive_shell, run_guarded
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell.wrappers import REGION  # which its clients are set to
from drilllib.cloud.state import CloudState
from drilllib.core.drills.lab import Observation
from drilllib.core.practice.looks import Evidence, LookKind, offered, see
from drilllib.core.practice.rows import Row
from drilllib.core.rules.rules import Direction, Rule
from drilllib.core.snapshot import edits
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import LabStateError
from drilllib.labs.simulated import SimulatedLab

OWN = "cloud"  # the part of a snapshot in which the cloud keeps what it has to know of itself
SEED = 9  # ids that the cloud gives are the same each time
_IDS = ("ListenerId", "LocationId", "LoadBalancerId", "InstanceId", "NetworkInterfaceId", "SubnetId", "what")
_VOLATILE = ("resourceVersion", "generation", "managedFields", "lastHeartbeatTime", "lastTransitionTime")
_NOWHERE = object()


class CloudLab:
    """
    A lab that is a cloud of its own on 127.0.0.1, as long as it is open; its packets are simulated.

    Controllers fill in what a world leaves out. Only what has changed since they have settled is carried over.

    Raises:
        MissingToolError: A package or program that the cloud needs is not installed.
        LabStateError: Its controllers would change what can be seen of the world, before anybody has.
    """

    def __init__(self, start: Snapshot, question: Question) -> None:
        self._start, self._question = start, question
        self._cloud = LocalCloud({**start.to_dict(), "region": REGION}, client=question.client, seed=SEED)
        try:
            self._first = self._cloud.state.snapshot()
            _require_alike(start, self._first, question)
        except BaseException:
            self._cloud.close()
            raise

    def run(self, line: str) -> str:
        """A command line on this machine, with kubectl, tccli and terraform for this cloud; what it printed."""
        said = self._cloud.run(line)
        return said.out + said.err + (f"(exit status {said.code})" if said.code else "")

    def open_shell(self) -> None:
        """A shell at our terminal, with the same clients, until it is left."""
        environment = {**self._cloud.environment, "PS1": "[cloud] $ ", "HISTFILE": ""}
        run_guarded(interactive_shell(), self._cloud.work, environment)

    def snapshot(self) -> Snapshot:
        """The world as the cloud is now."""
        start, first, now = (each.to_dict() for each in (self._start, self._first, self._cloud.state.snapshot()))
        return Snapshot(carried_over(start, first, {name: part for name, part in now.items() if name != OWN}))

    def rules(self, group_id: str, direction: Direction) -> tuple[Rule, ...]:
        """The rules of one group, from the top."""
        return edits.rules_of(self.snapshot(), group_id, direction)

    def replace_rules(self, group_id: str, direction: Direction, rules: Sequence[Rule]) -> None:
        """Rules are the cloud's, and changed by its clients."""
        raise _by_its_clients("tccli vpc ReplaceSecurityGroupPolicies")

    def bind_groups(self, resource_id: str, group_ids: Sequence[str]) -> None:
        """Bindings are the cloud's, and changed by its clients."""
        raise _by_its_clients("tccli clb SetLoadBalancerSecurityGroups")

    def probe(self, question: Question) -> Observation:
        """Send one request and say what the client met."""
        with SimulatedLab(self.snapshot()) as lab:
            return lab.probe(question)

    def close(self) -> None:
        """End the cloud."""
        self._cloud.close()


def require_fitting(start: Snapshot, question: Question) -> None:
    """Do nothing where a `CloudLab` could begin so; only its controllers are run. Raises LabStateError as it does."""
    state = CloudState({**start.to_dict(), "region": REGION}, seed=SEED)
    api = KubeApi(state)
    api.close()
    _require_alike(start, state.snapshot(), question)


def _require_alike(start: Snapshot, first: Snapshot, question: Question) -> None:
    for look in offered(start, question):
        if not _alike(*(see(each, question, look) for each in (start, first))):
            raise LabStateError(
                "The local cloud's controllers would change this world at once: {look}",
                remedy="Leave --cloud out, or take another seed",
                look=f"{look.kind} {look.place}".strip(),
            )


def _alike(start: Evidence, first: Evidence) -> bool:
    """Is what was to be seen at the start still so? What was empty may be filled in, and kubectl may list more."""
    more = () if start.look.kind is LookKind.KUBECTL else first.seen
    return all(any(_same(mine, theirs) for theirs in first.seen) for mine in start.seen) and all(
        any(_same(mine, theirs) for mine in start.seen) for theirs in more
    )


def _same(mine: Row, theirs: Row) -> bool:
    return mine.about == theirs.about and all(
        theirs[name] == value or _says_no_less(mine, theirs, name) for name, value in mine.cells
    )


def _says_no_less(mine: Row, theirs: Row, name: str) -> bool:
    """What is empty; annotations that others follow; and the ports of a Service that has no endpoint behind them."""
    if name == "annotations":
        return theirs[name].startswith(f"{mine[name]},")
    return not mine[name] or (mine.about == "endpoints" and name == "ports" and not mine["address"])


def _by_its_clients(example: str) -> LabStateError:
    return LabStateError(
        "On the cloud this is changed as at work",
        remedy="Type a command of its clients, such as {example}",
        example=example,
    )


def carried_over(start: Any, first: Any, now: Any) -> Any:
    """*start* with whatever is otherwise in *now* than in *first*; things with an id are compared by it."""
    if first == now:
        return start
    if all(isinstance(each, Mapping) for each in (start, first, now)):
        return _of_mappings(start, first, now)
    if all(isinstance(each, list) for each in (start, first, now)):
        keyed = [_by_id(each) for each in (start, first, now)]
        if None not in keyed:
            return list(_of_mappings(*keyed).values())
    return now


def _of_mappings(start: Any, first: Any, now: Any) -> dict[Any, Any]:
    """What the cloud has never had stays; what it had and has no more goes."""
    kept = [name for name in start if name in now or name not in first]
    found = {}
    for name in dict.fromkeys((*kept, *now)):
        sides = [each.get(name, _NOWHERE) for each in (start, first, now)]
        value = sides[0] if name in _VOLATILE or name not in now else carried_over(*sides)
        if value is not _NOWHERE:
            found[name] = value
    return found


def _by_id(items: list[Any]) -> dict[Any, Any] | None:
    """The items by what each is called; None where one has no such name, or two have the same."""
    found = {_id(each): each for each in items if isinstance(each, Mapping)}
    return found if len(found) == len(items) and None not in found else None


def _id(item: Mapping[str, Any]) -> Any:
    metadata = item.get("metadata")
    if isinstance(metadata, Mapping):
        return (item.get("kind"), metadata.get("namespace"), metadata.get("name"))
    return next((item[name] for name in _IDS if name in item), None)
