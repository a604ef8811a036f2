"""What the user means: a Service, an Ingress or a Gateway before it, or whatever has the address of a URL."""

from collections.abc import Iterable
from typing import Any

import pytest

from drilllib.clients.subject import Subject, found_behind, routed, subject_of
from drilllib.core.capture.asks import Answer, Ask, CloudCall
from drilllib.errors import InvalidInputError, UnknownNameError


def test_names() -> None:
    assert subject_of("web", "shop") == Subject(service="shop/web")
    assert subject_of("svc/web", "shop") == Subject(service="shop/web")
    assert subject_of("other/web", "shop") == Subject(service="other/web")
    assert subject_of("service/other/web", "shop") == Subject(service="other/web")
    assert subject_of("lb-1a2b3c4d", "shop") == Subject(load_balancer="lb-1a2b3c4d")
    assert subject_of("ing/web", "shop") == Subject(route=("Ingress", "shop", "web"))
    assert subject_of("gateway/infra/edge", "shop") == Subject(route=("Gateway", "infra", "edge"))


def test_addresses() -> None:
    """A ticket has no more than that; no Service is called so."""
    assert subject_of("192.0.2.10", "shop") == Subject(host="192.0.2.10")
    assert subject_of("2001:db8::1", "shop") == Subject(host="2001:db8::1")


def test_urls() -> None:
    assert subject_of("https://www.example.com/a?b=c", "shop") == Subject(host="www.example.com", port=443)
    assert subject_of("http://[2001:db8::1]:8080", "shop") == Subject(host="2001:db8::1", port=8080)
    named = "http://lb-1a2b3c4d-0123456789abcdef.clb.gz-tencentclb.com"
    assert subject_of(named, "shop") == Subject(load_balancer="lb-1a2b3c4d", port=80)


@pytest.mark.parametrize(
    "text", ["", "a/b/c", "Web", "svc/", "/web", "web;rm", "--out", "http://", "http://[", "ftp://x"]
)
def test_what_is_neither(text: str) -> None:
    with pytest.raises(InvalidInputError):
        subject_of(text, "shop")


def service(name: str, address: str, port: int = 80) -> dict[str, Any]:
    status = {"loadBalancer": {"ingress": [{"ip": address}]}}
    return {"metadata": {"namespace": "shop", "name": name}, "spec": {"ports": [{"port": port}]}, "status": status}


def answering(*services: dict[str, Any], balancers: Iterable[str] = ()) -> Any:
    def ask(asks: Iterable[Ask]) -> tuple[Answer, ...]:
        rows = [{"LoadBalancerId": each} for each in balancers]
        pages = {True: {"LoadBalancerSet": rows, "TotalCount": len(rows)}, False: {"items": list(services)}}
        return tuple(Answer(each, (pages[isinstance(each, CloudCall)],), whole=True) for each in asks)

    return ask


URL = Subject(host="www.example.com", port=80)


def test_a_url_is_the_service_with_its_address_and_port() -> None:
    ask = answering(service("web", "192.0.2.1"), service("admin", "192.0.2.1", 8080), service("x", "192.0.2.9"))
    found, read = found_behind(URL, ["192.0.2.1"], ask)

    assert (found.service, len(read)) == ("shop/web", 1)


def test_else_it_is_the_load_balancer_with_its_address() -> None:
    found, read = found_behind(URL, ["192.0.2.1"], answering(balancers=["lb-1a2b3c4d"]))

    assert (found.load_balancer, len(read)) == ("lb-1a2b3c4d", 2)


def test_several_are_named_and_none_is_said() -> None:
    with pytest.raises(InvalidInputError, match=r"Several have the address of .*: lb-1, lb-2"):
        found_behind(URL, ["192.0.2.1"], answering(balancers=["lb-1", "lb-2"]))
    with pytest.raises(InvalidInputError, match="shop/a, shop/b"):
        found_behind(URL, ["192.0.2.1"], answering(service("a", "192.0.2.1"), service("b", "192.0.2.1")))
    with pytest.raises(UnknownNameError, match="Neither a Service nor a load balancer"):
        found_behind(URL, ["192.0.2.1"], answering())


def ingress(*services: str) -> dict[str, Any]:
    paths = [{"backend": {"service": {"name": each}}} for each in services]
    return {
        "kind": "Ingress",
        "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"rules": [{"http": {"paths": paths}}]},
    }


def one(page: dict[str, Any]) -> Any:
    return lambda asks: tuple(Answer(each, (page,), whole=True) for each in asks)


def test_an_ingress_and_a_gateway_lead_to_their_service() -> None:
    by_ingress, _ = routed(Subject(route=("Ingress", "shop", "web")), one(ingress("web", "web")))
    route = {
        "metadata": {"namespace": "shop", "name": "r"},
        "spec": {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "api"}]}]},
    }
    by_gateway, _ = routed(Subject(route=("Gateway", "shop", "edge")), one({"items": [route]}))

    assert (by_ingress.service, by_gateway.service) == ("shop/web", "shop/api")


def test_one_that_leads_to_several_or_to_none_is_told() -> None:
    asked = Subject(route=("Ingress", "shop", "web"))

    with pytest.raises(InvalidInputError, match="Ingress 'shop/web' leads to several Services: shop/a, shop/b"):
        routed(asked, one(ingress("a", "b")))
    with pytest.raises(UnknownNameError, match="no Service behind the Ingress 'shop/web'"):
        routed(asked, one(ingress()))
