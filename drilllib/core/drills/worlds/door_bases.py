"""The base clusters between two workloads: who asks, which door, in which network. All work before a fault."""

from dataclasses import dataclass

from drilllib.core.snapshot.cluster import GLOBAL_ROUTER, VPC_CNI

POD, NODE, OUTSIDE, SERVICE = "pod", "node", "outside", "service"
SOURCE, DOOR = "source", "door"
GATES = (SOURCE, NODE, DOOR)  # the lists on the way: what may leave the source, what the node and the far end let in


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorBase:
    """
    One way from a source to a door of the cluster; *row* is that of the playbook's matrix (docs/scenarios.md).

    *source* is a pod, a node or outside; *door* a pod, a Service by its ClusterIP, or a node by a NodePort. *supers*:
    is the source's pod on a super node, and the door's?
    """

    name: str
    row: str
    source: str
    door: str
    network: str = VPC_CNI
    supers: tuple[bool, bool] = (False, False)

    @property
    def is_routed(self) -> bool:
        """Have pods addresses of their own network, and stand behind their nodes' groups?"""
        return self.network == GLOBAL_ROUTER


DOOR_BASES = {
    each.name: each
    for each in (
        DoorBase(name="pod-to-pod", row="6", source=POD, door=POD),
        DoorBase(name="pod-to-cluster-ip", row="6", source=POD, door=SERVICE),
        DoorBase(name="node-to-pod", row="7", source=NODE, door=POD),
        DoorBase(name="to-node-port", row="2", source=OUTSIDE, door=NODE),
        DoorBase(name="routed-to-node-port", row="5", source=OUTSIDE, door=NODE, network=GLOBAL_ROUTER),
        DoorBase(name="routed-pod-to-pod", row="8", source=POD, door=POD, network=GLOBAL_ROUTER),
        DoorBase(name="routed-node-to-pod", row="9", source=NODE, door=POD, network=GLOBAL_ROUTER),
        DoorBase(name="super-to-super", row="10", source=POD, door=POD, supers=(True, True)),
        DoorBase(name="node-to-super", row="11", source=NODE, door=POD, supers=(False, True)),
    )
}
