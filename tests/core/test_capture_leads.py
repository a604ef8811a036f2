"""Which load balancers a capture finds from what Kubernetes says: Services, Ingresses, Gateways, other regions."""

from typing import Any

from drilllib.core.capture import calls
from drilllib.core.capture.asks import CloudCall, KubernetesRead, Wanted
from tests.core.capture_reader import WEB, Reader, asked, capture, captured
from tests.core.capture_worlds import BALANCER, balancer, cluster, service, with_service


def leads_to(document: dict[str, Any], wanted: Wanted = WEB) -> set[str]:
    """The load balancers whose listeners a capture reads."""
    return {each["LoadBalancerId"] for each in asked(captured(document, wanted), "DescribeListeners")}


def without_id(item: dict[str, Any]) -> dict[str, Any]:
    item["metadata"]["annotations"] = {}
    return item


def test_a_service_without_an_annotation_leads_by_its_uid_and_by_its_addresses() -> None:
    assert leads_to(with_service(without_id(service()))) == {BALANCER}
    by_address = with_service(without_id(service()))
    by_address["load_balancers"] = [
        balancer(Tags=[]),
        balancer(LoadBalancerId="lb-other", LoadBalancerVips=[], Tags=[]),
    ]
    assert leads_to(by_address) == {BALANCER}


def test_the_domain_name_of_a_balancer_has_its_id() -> None:
    item = without_id(service())
    item["status"]["loadBalancer"]["ingress"] = [{"hostname": f"{BALANCER}-h7d8s9f0a1b2c3d4.clb.gz-tencentclb.com"}]
    reader = captured(with_service(item))
    assert asked(reader, "DescribeLoadBalancers") == [{"LoadBalancerIds": [BALANCER], "Limit": 100}]


def test_an_ingress_leads_to_its_balancer() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    other = {"service": {"name": "other", "port": {"number": 80}}}
    found = ingress("lb-ingress1", {"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}]})
    stranger = ingress("lb-ingress2", {"defaultBackend": other}, name="stranger")
    document = with_service(without_id(service(type="NodePort")), found, stranger)
    assert leads_to(document) == {"lb-ingress1"}
    assert len(captured(document).rounds) <= 6


def ingress(balancer_id: str, spec: dict[str, Any], name: str = "web") -> dict[str, Any]:
    annotations = {"kubernetes.io/ingress.qcloud-loadbalance-id": balancer_id}
    metadata = {"namespace": "shop", "name": name, "annotations": annotations}
    return {"kind": "Ingress", "apiVersion": "networking.k8s.io/v1", "metadata": metadata, "spec": spec}


def gateway_objects(**status: Any) -> list[dict[str, Any]]:
    """A route to shop/web, its Gateway, and the Service that Envoy Gateway made for that."""
    version = "gateway.networking.k8s.io/v1"
    route = {"parentRefs": [{"name": "front", "namespace": "edge"}], "rules": [{"backendRefs": [{"name": "web"}]}]}
    envoy = service()
    labels = {"namespace": "edge", "name": "front"}
    envoy["metadata"] |= {"namespace": "envoy", "name": "envoy-front", "uid": "another"}
    envoy["metadata"]["labels"] = {f"gateway.envoyproxy.io/owning-gateway-{key}": text for key, text in labels.items()}
    return [
        {"kind": "HTTPRoute", "apiVersion": version, "metadata": {"namespace": "shop", "name": "r"}, "spec": route},
        {"kind": "Gateway", "apiVersion": version, "metadata": {**labels}, "status": status},
        envoy,
    ]


def test_a_gateway_leads_by_its_own_service() -> None:
    document = with_service(without_id(service(type="ClusterIP")), *gateway_objects())
    reader = captured(document)
    assert {each["LoadBalancerId"] for each in asked(reader, "DescribeListeners")} == {BALANCER}
    lists = {each.namespace for each in reader.calls if isinstance(each, KubernetesRead) and each.resource == "pods"}
    assert lists == {"shop", "envoy"}


def test_a_gateway_leads_by_its_address_where_services_are_refused() -> None:
    status = {"addresses": [{"type": "IPAddress", "value": "192.0.2.10"}]}
    document = with_service(without_id(service(type="ClusterIP")), *gateway_objects(**status))
    second = {**document["kubernetes"][1], "metadata": {"namespace": "shop", "name": "another-route"}}
    document["kubernetes"].append(second)
    reader = Reader(document, lambda ask: ask == calls.SERVICES)
    capture(reader, WEB)
    assert len([each for asks in reader.rounds for each in asks if getattr(each, "resource", "") == "gateways"]) == 1
    assert {each["LoadBalancerId"] for each in asked(reader, "DescribeListeners")} == {BALANCER}


def test_a_balancer_alone_leads_to_its_services() -> None:
    reader = captured(cluster(2), Wanted(load_balancer=BALANCER))
    read = {(each.resource, each.namespace) for each in reader.calls if isinstance(each, KubernetesRead)}
    assert ("endpointslices", "shop") in read
    assert asked(reader, "DescribeNetworkInterfaces")
    assert len(reader.rounds) <= 5


def test_a_balancer_of_another_region_is_asked_there_and_machines_are_not() -> None:
    item = service()
    item["metadata"]["annotations"]["service.cloud.tencent.com/cross-region-id"] = "ap-shanghai"
    made = [each for each in captured(with_service(item)).calls if isinstance(each, CloudCall)]
    assert {each.region for each in made if each.service == "clb"} == {"ap-shanghai"}
    assert {each.region for each in made if each.service in ("cvm", "tke")} == {""}
    regions = {each.request["SecurityGroupId"]: each.region for each in made if "SecurityGroupId" in each.request}
    assert regions == {"sg-clb": "ap-shanghai", "sg-node": "", "sg-pod": ""}
