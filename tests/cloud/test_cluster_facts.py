"""The two APIs of the cloud say the same of its cluster: Kubernetes' version, and the addresses of Services."""

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from kubernetes_cluster import Cluster

from drilllib.core.drills.default_lab import default_lab
from tests.cloud.helpers import ask, new_api

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "new"}, "spec": {"ports": [{"port": 80}]}}


def described(document: dict[str, Any]) -> dict[str, Any]:
    return ask(new_api(document), "tke", "DescribeClusters", version="2018-05-25")["Clusters"][0]


@pytest.mark.parametrize("given", [{}, {"ClusterVersion": "1.28.3"}])
def test_the_version_is_the_one_that_is_served(given: dict[str, Any]) -> None:
    document = default_lab()
    document["cluster"] |= given
    cluster, said = Cluster(document), described(document)["ClusterVersion"]
    node = cluster.done("GET", "/api/v1/nodes/node-a")

    assert said == given.get("ClusterVersion", said)
    assert cluster.done("GET", "/version")["gitVersion"].startswith(f"v{said}")
    assert node["status"]["nodeInfo"]["kubeletVersion"] == f"v{said}"


@pytest.mark.parametrize("given", ["172.20.240.0/20", "", "no block"])
def test_services_get_addresses_of_the_block_that_is_said(given: str) -> None:
    document = default_lab()
    document["cluster"]["ClusterNetworkSettings"] = {"ServiceCIDR": given}
    settings, cluster = described(document)["ClusterNetworkSettings"], Cluster(document)
    block = ip_network(settings["ServiceCIDR"])
    made = cluster.done("POST", "/api/v1/namespaces/shop/services", SERVICE)["spec"]["clusterIP"]
    first = cluster.done("GET", "/api/v1/namespaces/default/services/kubernetes")["spec"]["clusterIP"]

    assert str(block) == given or given in ("", "no block")
    assert settings["MaxClusterServiceNum"] == block.num_addresses
    assert ip_address(made) in block
    assert ip_address(first) == block[1]
