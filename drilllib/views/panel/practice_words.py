"""Names of what practice shows, in the reader's language: places, causes, rules, settings."""

from collections.abc import Mapping

from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.practice.settings import Setting
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import printable
from drilllib.views.phrases.catalog import say

NO_RULE = "[-]"


class PlaceNames:
    """What to call the things in a *snapshot* by their ids."""

    def __init__(self, snapshot: Snapshot, language: str) -> None:
        self._snapshot, self._language = snapshot, language
        self._pods = _pods_by_interface(snapshot)
        self._nodes = {node.instance_id: node.label for node in snapshot.nodes}
        self._listeners = {
            each.listener_id: each.protocol or "?"  # its port may be what is wrong
            for balancer in snapshot.load_balancers
            for each in snapshot.listeners(balancer.balancer_id) or ()
        }

    def of(self, resource: str) -> str:
        """``node-a (ins-nodea001)``: what it is to a person, and its id."""
        service = resource.removeprefix("Service/")
        if service != resource:
            return printable(f"Service {service}")
        known = {
            "node": self._nodes.get(resource, ""),
            "pod": self._pods.get(resource, ""),
            "listener": self._listeners.get(resource, ""),
        }
        kind = next((each for each, name in known.items() if name), "clb" if resource.startswith("lb-") else "")
        if not kind:
            return printable(resource)
        return printable(say(self._language, f"practice_panel.place_{kind}", name=known.get(kind, ""), id=resource))

    def cause(self, cause: Cause) -> str:
        """A stated cause as a sentence."""
        named = {
            "place": self.of(cause.resource),
            "cause": cause_name(cause.kind, cause.direction, self._language),
        }
        if cause.kind is not CauseKind.GROUP:
            return say(self._language, "practice_panel.said", **named)
        rule = f"{cause.group}{NO_RULE if cause.rule is None else f'[{cause.rule}]'}"
        return say(self._language, "practice_panel.said_rule", **named, rule=printable(rule))

    def setting(self, setting: Setting) -> str:
        """What a setting is called."""
        place = f"Service/{setting.of}" if setting.kind in ("policy", "selector", "target_port", "pods") else setting.of
        return say(self._language, f"practice_panel.setting_{setting.kind}", of=self.of(place))


def cause_name(kind: CauseKind, direction: Direction | None, language: str) -> str:
    """A kind of cause; for a group with the direction in which it drops."""
    if kind is CauseKind.GROUP:
        way = Direction.EGRESS if direction is Direction.EGRESS else Direction.INGRESS
        return say(language, f"practice_panel.cause_group_{way}")
    return say(language, f"practice_panel.cause_{kind}")


def _pods_by_interface(snapshot: Snapshot) -> Mapping[str, str]:
    """The pods behind each interface that is a pod's own."""
    found = dict[str, list[str]]()
    nodes = {node.instance_id for node in snapshot.nodes}
    for pod in snapshot.kubernetes.pods.values():
        for address in pod.addresses:
            resource = snapshot.interfaces.resource_at(address)
            if resource and resource not in nodes:
                found.setdefault(resource, []).append(pod.name)
    return {resource: ", ".join(dict.fromkeys(names)) for resource, names in found.items()}
