"""What `kubectl get -o json` prints of EndpointSlices: null for an empty list, and nothing for what was not read."""

from copy import deepcopy

import pytest
from builders import ask, health, lab
from changes import Document, second_target
from changes_cluster import endpoint_slice, service
from changes_real import health_check_port


def scaled_to_none(document: Document) -> None:
    """The Deployment has no replicas."""
    endpoint_slice(document).update(endpoints=None, ports=None)


def placeholder(family: str) -> Document:
    """The empty slice that the controller writes for a Service of two families, or before the first pod is ready."""
    metadata = {"namespace": "shop", "name": f"web-{family}", "labels": {"kubernetes.io/service-name": "web"}}
    return {"kind": "EndpointSlice", "metadata": metadata, "addressType": family, "endpoints": None, "ports": None}


def test_null_lists_are_empty(listener: str) -> None:
    answer = ask(lab(scaled_to_none, listener=listener))

    assert (answer.verdict, answer.reason) == ("unreachable", "NO_ENDPOINTS")


@pytest.mark.parametrize("field", ["endpoints", "ports"])
def test_absent_lists_were_not_read(field: str) -> None:
    answer = ask(lab(lambda document: endpoint_slice(document).pop(field)))

    assert answer.verdict == "undetermined"
    assert [str(each) for each in answer.gaps] == ["EndpointSlices of web"]


@pytest.mark.parametrize("family", ["IPv4", "IPv6"])
def test_an_empty_slice_beside_a_good_one_changes_nothing(family: str) -> None:
    assert ask(lab(lambda document: document["kubernetes"].append(placeholder(family)))).verdict == "reachable"


def test_ready_endpoints_without_any_port_have_a_name_that_no_pod_declares() -> None:
    def no_such_name(document: Document) -> None:
        service(document)["spec"]["ports"][0]["targetPort"] = "http"
        endpoint_slice(document)["ports"] = None

    assert ask(lab(no_such_name)).reason == "TARGET_PORT_NAME_UNKNOWN"


def test_a_port_without_a_number_is_ignored() -> None:
    """kube-proxy leaves it out; another of the name counts all the same."""

    def numbers(*found: int | None) -> Document:
        def change(document: Document) -> None:
            ports = endpoint_slice(document)["ports"]
            ports[:] = [{**ports[0], "port": number} for number in found]

        return ask(lab(change))

    assert numbers(None).reason == "PORT_NAME_DIFFERS"
    assert numbers(80, None).verdict == "reachable"


def test_a_port_whose_number_was_not_read_is_not_known() -> None:
    answer = ask(lab(lambda document: endpoint_slice(document)["ports"][0].pop("port")))

    assert answer.verdict == "undetermined"


def test_of_a_port_whose_number_was_not_read_kube_proxys_health_is_not_known_where_an_endpoint_is() -> None:
    """web-1 is on node-b; node-a has none, with a number or without."""

    def states(*ports: Document, nowhere: bool = False) -> list[str]:
        def change(document: Document) -> None:
            piece = endpoint_slice(document)
            piece["ports"] = [{"protocol": "TCP", **piece["ports"][0], **port} for port in ports]
            for port in piece["ports"]:
                if port["port"] == "absent":
                    del port["port"]
            if nowhere:
                piece["endpoints"][0].pop("nodeName")
                pods = [each for each in document["kubernetes"] if each["kind"] == "Pod"]
                pods[0]["spec"].pop("nodeName")

        return health(ask(lab(second_target, health_check_port(CheckType="HTTP", HttpCode=2), change), all_paths=True))

    absent: Document = {"port": "absent"}
    assert states({"port": 8080}) == ["Dead", "Alive"]
    assert states({"port": None}) == ["Dead", "Dead"]
    assert states(absent) == ["Dead", "Unknown"]
    assert states(absent, {"port": 8080}) == ["Dead", "Alive"]
    assert states(absent, nowhere=True) == ["Unknown", "Unknown"]


def test_kube_proxys_health_is_of_all_ports_of_a_service() -> None:
    """Another slice of the Service, whose port no port of the Service is called like, has a ready pod on node-a."""

    def another_port(document: Document) -> None:
        piece = deepcopy(endpoint_slice(document))
        piece["metadata"]["name"] += "-other"
        piece["ports"] = [{"name": "other", "protocol": "TCP", "port": 9090}]
        piece["endpoints"] = [{"addresses": ["10.0.36.99"], "nodeName": "node-a", "conditions": {"ready": True}}]
        document["kubernetes"].append(piece)

    checked = health_check_port(CheckType="HTTP", HttpCode=2)
    assert health(ask(lab(second_target, checked))) == ["Dead", "Alive"]
    assert health(ask(lab(second_target, checked, another_port))) == ["Alive", "Alive"]
