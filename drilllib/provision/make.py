"""Make the parts of a drill, one after another; each is journalled before, and found again where its answer is lost."""

from collections.abc import Callable, Mapping
from typing import Any

from drilllib.clients.failures import Failure
from drilllib.clients.writes import may_be_done
from drilllib.core.capture.asks import CloudCall, KubernetesRead
from drilllib.core.capture.calls import NODES
from drilllib.errors import DrillError, LabStateError, quoted
from drilllib.guard import marks
from drilllib.guard.journal import Journal
from drilllib.provision import inventory, parts
from drilllib.provision.clients import Clients, NotDoneError, refused
from drilllib.provision.inventory import Found
from drilllib.provision.parts import Kind, Part
from drilllib.provision.site import Site

WAIT_S, MOST_WAITS = 5.0, 120  # for nodes and pods: ten minutes
TRIES = 3  # of a creation of which nothing is to be seen
Told = Callable[[Part], None]


class StoppedError(DrillError):
    """A part could not be made, or it is not known whether it was; what was made before stands."""


class Maker:
    """
    Makes the parts of *site* by *clients*, and notes each in *journal*.

    *told* hears of each part before it is made.
    """

    def __init__(self, clients: Clients, site: Site, journal: Journal, told: Told = lambda part: None) -> None:
        self._clients, self._site, self._journal, self._told = clients, site, journal, told
        self._ids: dict[str, str] = {}  # of groups, by role
        self._objects: parts.Objects = {}
        self._sent_again = False  # was a creation sent twice, so that there may be two?

    def make(self) -> str:
        """
        Make all of it; gives the address of the Service.

        Raises:
            RefusedError: A call is not allowed, or was refused.
            StoppedError: It is not known what became of one, or something never became ready.
        """
        for part in parts.parts_of(self._site):
            self._told(part)
            self._sent_again = False
            if part.kind is Kind.NAMESPACE:
                self._wait_for_nodes()
                self._require_alone()  # once more, minutes later: lists may have been late
                self._objects = parts.objects_of(self._site, self._ids)
            number = self._journal.intent(part.kind, name=part.name, role=part.role, **self._noted(part))
            try:
                made = self._made(part)
                self._journal.done(number, id=made, sent_again=self._sent_again)
            except NotDoneError:
                self._journal.failed(number)
                raise
        return self._wait_for_address()

    def _noted(self, part: Part) -> dict[str, str]:
        """What a journal has to know besides the name, to go back."""
        site = self._site
        if part.kind is Kind.ADD_ON:
            return {"before": parts.setting_text(site.setting), "after": self._ids["pod"]}
        return {"namespace": site.namespace} if part.kind in (Kind.DEPLOYMENT, Kind.SERVICE) else {}

    def _made(self, part: Part) -> str:
        if part.kind is Kind.GROUP:
            self._ids[part.role] = self._group(part)
            return self._ids[part.role]
        if part.kind is Kind.POOL:
            call = parts.pool_call(self._site, part, self._ids["node"])
            look = self._looked(part, lambda: inventory.pools(self._clients, self._site.cluster))
            return self._created(call, lambda page: str(page["NodePoolId"]), look)
        if part.kind is Kind.ADD_ON:
            return self._set_add_on()
        return self._object(*self._objects[part.kind])

    def _group(self, part: Part) -> str:
        def of_answer(page: Mapping[str, Any]) -> str:
            return str(page["SecurityGroup"]["SecurityGroupId"])

        look = self._looked(part, lambda: inventory.groups(self._clients))
        return self._created(parts.group_call(self._site, part), of_answer, look)

    def _looked(self, part: Part, listed: Callable[[], list[Found]]) -> Callable[[], str]:
        """Looks for a part by its mark and name; gives its id, or "" where it is not there."""

        def look() -> str:
            found = [each for each in listed() if (each.drill, each.name) == (self._site.drill, part.name)]
            return found[0].id if found else ""

        return look

    def _created(self, call: CloudCall, of_answer: Callable[[Mapping[str, Any]], str], look: Callable[[], str]) -> str:
        """
        The id of what *call* makes. Where its answer is lost, what is to be seen decides; what is seen nowhere is made
        once more: should the first still come, it has the same mark, and goes with the drill.
        """
        for number in range(TRIES):
            self._sent_again = number > 0
            answer = self._clients.write(call)
            if answer.refusal is None:
                return of_answer(answer.pages[0])
            if not may_be_done(answer.refusal):
                raise refused(call, answer.refusal, NotDoneError)
            found = self._seen(look)
            if found:
                return found
        raise self._stopped(call.action)

    def _seen(self, look: Callable[[], str]) -> str:
        """Looks until there is something, or it should be there."""
        for _ in self._clients.waits():
            found = look()
            if found:
                return found
        return ""

    def _stopped(self, what: str) -> StoppedError:
        return StoppedError(
            "It is not known whether {what} was done: no answer came",
            remedy="Remove what was made, whatever it is: drill down {drill}",
            what=what,
            drill=self._site.drill,
        )

    def _set_add_on(self) -> str:
        """Put group 3 into the add-on's setting, and see that it is there."""
        self._require_alone()
        wanted = (self._ids["pod"],)
        call = parts.setting_call(self._site.cluster, wanted)
        for _ in range(TRIES):
            answer = self._clients.write(call)
            if answer.refusal is not None and not may_be_done(answer.refusal):
                raise refused(call, answer.refusal, NotDoneError)
            for _ in self._clients.waits():
                if inventory.setting(self._clients, self._site.cluster) == wanted:
                    return parts.ADD_ON
        raise self._stopped(call.action)

    def _require_alone(self) -> None:
        """Nobody has begun another drill since this one was prepared: the add-on has one list."""
        others = {each.drill for each in inventory.groups(self._clients)} - {self._site.drill}
        if others:
            raise NotDoneError(
                "The drill {other} was begun at the same time",
                remedy="Remove what was made: drill down {drill}",
                other=", ".join(sorted(others)),
                drill=self._site.drill,
            )

    def _object(self, kind: KubernetesRead, item: dict[str, Any]) -> str:
        """The uid of an object of the cluster, made or found with the drill's mark."""
        name = item["metadata"]["name"]
        read = KubernetesRead(kind.group, kind.version, kind.resource, kind.kind, kind.namespace, name)
        for number in self._clients.waits():
            made = self._clients.kubernetes.create(kind, item)
            if not isinstance(made, Failure):
                return str(made["metadata"]["uid"])
            present = self._clients.get(read)
            if present is not None:
                return self._own(present, kind)
            if not made.again or number + 1 >= TRIES:
                raise refused(kind, self._clients.kubernetes.refusal(kind, made), NotDoneError, verb="create")
        raise self._stopped(f"create {kind.resource}")

    def _own(self, item: Mapping[str, Any], kind: KubernetesRead) -> str:
        metadata = item["metadata"]
        if marks.labels_of(item).get(marks.DRILL) == self._site.drill:
            return str(metadata["uid"])
        raise LabStateError(
            "{kind} {name} is there, and is not the drill's",
            remedy="Remove what was made: drill down {drill}",
            kind=kind.kind,
            name=quoted(metadata["name"]),
            drill=self._site.drill,
        )

    def _wait_for_nodes(self) -> None:
        """
        The pools' nodes are in the cluster of the kubeconfig, and Ready: nothing is written to another cluster.

        Raises:
            StoppedError: They are not in ten minutes.
        """
        self._wait("Node", lambda: sum(map(self._is_ready, self._clients.objects(NODES))) >= len(parts.POOLS))

    def _is_ready(self, node: Mapping[str, Any]) -> bool:
        conditions = (node.get("status") or {}).get("conditions") or ()
        ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
        return ready and marks.labels_of(node).get(marks.DRILL) == self._site.drill

    def _wait_for_address(self) -> str:
        """The address of the Service's load balancer, once there is one."""
        kind, item = self._objects[Kind.SERVICE]
        name = item["metadata"]["name"]
        read = KubernetesRead(kind.group, kind.version, kind.resource, kind.kind, kind.namespace, name)
        found: list[str] = []

        def is_there() -> bool:
            status = (self._clients.get(read) or {}).get("status") or {}
            found.extend(
                str(each["ip"]) for each in (status.get("loadBalancer") or {}).get("ingress") or () if "ip" in each
            )
            return bool(found)

        self._wait("Service", is_there)
        return found[0]

    def _wait(self, what: str, is_there: Callable[[], bool]) -> None:
        for _ in range(MOST_WAITS):
            if is_there():
                return
            self._clients.pause(WAIT_S)
        raise StoppedError(
            "{what} of the drill did not become ready in {minutes} minutes",
            remedy="Look at them in the console, or remove all of it: drill down {drill}",
            what=what,
            minutes=round(WAIT_S * MOST_WAITS / 60),
            drill=self._site.drill,
        )
