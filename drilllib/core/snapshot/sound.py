"""Which machines and pods carry nothing that is not understood: told of all together, and so at one look of each."""

from functools import cached_property

from drilllib.core.snapshot.annotations import NETWORKS
from drilllib.core.snapshot.kubernetes import KubernetesObjects
from drilllib.core.snapshot.ledger import cloud
from drilllib.core.snapshot.ledger import kubernetes as kube
from drilllib.core.snapshot.node_conditions import trouble_of
from drilllib.core.snapshot.plain_objects import PlainObjects
from drilllib.core.snapshot.resources import object_name


class Sound:
    """What is not odd: its objects are plain, or there are none."""

    def __init__(self, plain: PlainObjects, kubernetes: KubernetesObjects) -> None:
        self._plain, self._kubernetes = plain, kubernetes

    def machine(self, name: str | None, instance_id: str | None) -> bool:
        """Are the Node of that name and that instance?"""
        return name not in self._odd_nodes and instance_id not in self._odd_instances

    @cached_property
    def odd_pods(self) -> frozenset[str]:
        """The Pods of which something may be doubtful, or that ask for an interface of a kind."""
        asking = (
            each for each in self._kubernetes.of_kind("Pod") if NETWORKS in (each["metadata"].get("annotations") or ())
        )
        return frozenset(map(object_name, (*self._plain.odd(kube.POD), *asking)))

    @cached_property
    def _odd_nodes(self) -> frozenset[str | None]:
        troubled = (each for each in self._kubernetes.of_kind("Node") if any(trouble_of(each)))
        return frozenset(each["metadata"]["name"] for each in (*self._plain.odd(kube.NODE), *troubled))

    @cached_property
    def _odd_instances(self) -> frozenset[str | None]:
        return frozenset(each["InstanceId"] for each in self._plain.odd(cloud.INSTANCE))
