"""Which CLB, which listener, which forwarding rule."""

from collections.abc import Callable

import pytest
from builders import ask, blocked_at, fate, health, hop, lab
from changes import (
    BALANCER,
    EVERYTHING,
    Document,
    balancer,
    clb_groups,
    group_1_closed,
    group_2_closed,
    ingress,
    probes_from_vip,
    second_host,
    targets,
    the_listener,
)
from changes_cluster import service

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, VIP
from drilllib.core.facts import FactCode, fact
from drilllib.errors import InvalidInputError, UnknownNameError


def existing(document: Document) -> None:
    """The Service uses a CLB that somebody else made."""
    metadata = service(document)["metadata"]
    metadata["annotations"] = {"service.kubernetes.io/tke-existed-lbid": BALANCER}
    service(document)["status"] = {}


def test_a_service_on_an_existing_clb_finds_it(listener: str) -> None:
    assert fate(ask(lab(existing, listener=listener))) == "reachable: 200"


def domain_name(document: Document) -> None:
    """The CLB has a name and no fixed address."""
    balancer(LoadBalancerVips=[], LoadBalancerDomain="lb-lab00001.clb.example.com")(document)
    item = service(document)
    item["metadata"]["annotations"].pop("service.kubernetes.io/loadbalance-id")
    item["status"] = {"loadBalancer": {"ingress": [{"hostname": "lb-lab00001.clb.example.com"}]}}
    for rule in the_listener(document)["Rules"] or ():
        rule["Domain"] = "lb-lab00001.clb.example.com"


def test_a_clb_with_a_domain_name_is_asked_by_it(listener: str) -> None:
    """There is no VIP to name; groups see the client and the listener's port all the same."""
    answer = ask(lab(domain_name, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert answer.question.vip == "lb-lab00001.clb.example.com"
    assert fate(ask(lab(domain_name, listener=listener), vip="lb-lab00001.clb.example.com")) == "reachable: 200"
    assert fate(ask(lab(domain_name, group_1_closed, listener=listener))) == "unreachable: connect_timeout"


def test_probes_from_a_vip_that_is_not_known_may_come_from_anywhere() -> None:
    """The domain name's address changes, so what the node's group makes of it is not known."""
    assert health(ask(lab(domain_name, probes_from_vip))) == ["Unknown"]
    assert health(ask(lab(domain_name, probes_from_vip, ingress(NODE_GROUP, f"ACCEPT {EVERYTHING}")))) == ["Alive"]


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(UnknownNameError, match=r"lb-lab00001\.clb\.example\.com"):
        ask(lab(domain_name), vip="other.example.com")


def second_service(document: Document) -> None:
    """shop/admin shares the CLB: listener 8443 leads to its NodePort."""
    admin = {**service(document), "metadata": {"name": "admin", "namespace": "shop", "annotations": {}}}
    port = {**admin["spec"]["ports"][0], "port": 8443, "nodePort": 30999}
    document["kubernetes"].append({**admin, "spec": {**admin["spec"], "ports": [port]}})
    web = the_listener(document)
    target = {**targets(document)[0], "Port": 30999}
    item = {**web, "ListenerId": "lbl-lab00002", "Protocol": "TCP", "Port": 8443, "Rules": None, "Targets": [target]}
    document["listeners"][BALANCER].append(item)


def test_a_service_on_a_shared_clb_is_asked_on_its_own_port() -> None:
    """The other Service's listener on the same CLB is not in question."""
    assert ask(lab(second_service)).question.port == 80
    assert ask(lab(second_service), service="shop/admin").question.port == 8443


def test_a_vip_with_two_listeners_needs_a_port() -> None:
    with pytest.raises(InvalidInputError, match=r"80/HTTP, 8443/TCP"):
        ask(lab(second_service), vip=VIP)


def test_a_port_that_leads_to_another_service_is_reported() -> None:
    """The path is followed as it is; that it is another Service's is worth knowing."""
    answer = ask(lab(second_service), port=8443)

    assert [each.code for each in answer.findings] == ["LISTENER_OF_ANOTHER_SERVICE"]
    assert answer.findings[0].facts["owner"] == "shop/admin"


def test_services_that_disagree_on_the_clbs_groups_are_reported() -> None:
    """The vendor calls the outcome undefined; what is bound now is what counts."""

    def disagree(document: Document) -> None:
        second_service(document)
        document["kubernetes"][-1]["metadata"]["annotations"]["service.cloud.tencent.com/security-groups"] = "sg-x"

    answer = ask(lab(disagree))

    assert [each.code for each in answer.findings] == ["SERVICES_DISAGREE_ON_GROUPS"]
    assert fate(answer) == "reachable: 200"


def test_groups_that_are_bound_against_the_annotation_are_reported() -> None:
    """Bound by hand, they hold until the controller syncs."""
    answer = ask(lab(clb_groups("sg-hand0001"), ingress("sg-hand0001", f"ACCEPT {EVERYTHING}")))

    assert [(each.code, each.facts) for each in answer.findings] == [
        ("GROUP_ANNOTATION_DIFFERS", {"wanted": CLB_GROUP, "bound": "sg-hand0001"})
    ]


@pytest.mark.parametrize(
    ("domains", "host", "reason"),
    [
        (["www.example.com"], "www.example.com", "DELIVERED"),
        (["*.example.com"], "www.example.com", "DELIVERED"),
        (["www.example.*"], "www.example.com", "DELIVERED"),
        (["*.example.com"], "example.com", "NO_FORWARDING_RULE"),
        (["~^www\\d+\\.example\\.com$"], "www1.example.com", "NOT_MODELLED"),
        (["*.example.com", "*.com"], "www.example.com", "NOT_MODELLED"),
        (["*.example.com", "www.example.*"], "www.example.com", "DELIVERED"),
    ],
)
def test_hosts_match_exactly_then_by_suffix_then_by_prefix(domains: list[str], host: str, reason: str) -> None:
    """What the vendor leaves open, regular expressions and two wildcards of one kind, is not decided."""

    def named(document: Document) -> None:
        rule = the_listener(document)["Rules"][0]
        the_listener(document)["Rules"] = [
            {**rule, "LocationId": f"loc-{place}", "Domain": each} for place, each in enumerate(domains)
        ]

    assert ask(lab(named), host=host).reason == reason


def test_the_exact_host_goes_before_the_wildcard() -> None:
    def wildcard(document: Document) -> None:
        second_host("*.example.com")(document)
        second_host("www.example.com", *targets(document))(document)

    assert ask(lab(wildcard), host="www.example.com").reason == "DELIVERED"
    assert ask(lab(wildcard), host="api.example.com").reason == "NO_TARGETS"


def test_a_host_without_rule_goes_to_the_default_domain() -> None:
    """Documented: every listener has one default domain, and it takes what no other host does."""

    def default(document: Document) -> None:
        the_listener(document)["Rules"][0]["DefaultServer"] = True

    assert ask(lab(default), host="anything.example.com").reason == "DELIVERED"


def test_one_rule_may_have_several_hosts() -> None:
    def several(document: Document) -> None:
        the_listener(document)["Rules"][0].update(Domain="", Domains=["a.example.com", "b.example.com"])

    assert ask(lab(several), host="b.example.com").reason == "DELIVERED"


@pytest.mark.parametrize(
    ("urls", "path", "taken"),
    [
        (["/", "/cart"], "/cart/1", "/cart"),
        (["/", "/cart"], "/car", "/"),
        (["/cart", "=/cart"], "/cart", "=/cart"),
        (["/cart", "=/cart"], "/cart/1", "/cart"),
        (["/cart/long", "^~/cart"], "/cart/long/1", "^~/cart"),
        (["/", "~*\\.(gif|jpg)$"], "/logo.gif", None),
        (["=/logo.gif", "~*\\.(gif|jpg)$"], "/logo.gif", "=/logo.gif"),
        (["/cart"], "/other", None),
    ],
)
def test_paths_match_exactly_then_the_longest(urls: list[str], path: str, taken: str | None) -> None:
    """A path decides which targets, and so which groups, have a say."""

    def pathed(document: Document) -> None:
        rule = the_listener(document)["Rules"][0]
        the_listener(document)["Rules"] = [
            {**rule, "LocationId": url, "Url": url, "Targets": rule["Targets"] if url == taken else []} for url in urls
        ]

    untaken = "NOT_MODELLED" if any(url.startswith("~") for url in urls) else "NO_FORWARDING_RULE"
    assert ask(lab(pathed), path=path).reason == ("DELIVERED" if taken else untaken)


def test_a_path_without_rule_lists_the_paths_there_are() -> None:
    """The host was right; the path is what has to be mended."""

    def pathed(document: Document) -> None:
        the_listener(document)["Rules"][0]["Url"] = "/api"

    assert f"{VIP}/api" in str(ask(lab(pathed)).gaps[0])


def test_https_is_layer_7() -> None:
    """The same signature; only the scheme differs."""

    def https(document: Document) -> None:
        the_listener(document)["Protocol"] = "HTTPS"

    answer = ask(lab(https, group_2_closed))

    assert fate(answer) == "unreachable: 504 after 4 s"
    assert answer.question.scheme == "https"


@pytest.mark.parametrize("protocol", ["TCP_SSL", "QUIC", "GRPC"])
def test_a_listener_of_another_kind_is_said_not_to_be_modelled(protocol: str) -> None:
    def other(document: Document) -> None:
        the_listener(document)["Protocol"] = protocol

    answer = ask(lab(other, ingress(CLB_GROUP, f"ACCEPT {EVERYTHING}"), listener="TCP"), port=80)

    assert answer.reason == "NOT_MODELLED"
    assert answer.gaps == (fact(FactCode.LISTENER_PROTOCOL, protocol=protocol),)


def test_a_classic_clb_is_said_not_to_be_modelled(listener: str) -> None:
    assert ask(lab(balancer(Forward=0), listener=listener)).reason == "NOT_MODELLED"


def private(document: Document) -> None:
    balancer(LoadBalancerType="INTERNAL", LoadBalancerVips=["10.0.40.10"])(document)
    service(document)["status"]["loadBalancer"]["ingress"] = [{"ip": "10.0.40.10"}]
    for rule in the_listener(document)["Rules"] or ():
        rule["Domain"] = "10.0.40.10"


def test_a_private_clb_answers_private_clients_as_any_other(listener: str) -> None:
    opened = (
        ingress(CLB_GROUP, "ACCEPT TCP 10.9.0.0/16 80"),
        ingress(NODE_GROUP, f"ACCEPT TCP 10.9.0.0/16 {NODE_PORT}"),
    )

    assert fate(ask(lab(private, *opened, listener=listener), client="10.9.9.9")) == "reachable: 200"
    assert (
        fate(ask(lab(private, group_1_closed, listener=listener), client="10.9.9.9")) == "unreachable: connect_timeout"
    )


def test_whether_a_private_clbs_groups_hold_for_its_eip_is_not_known(listener: str) -> None:
    """They do on newer instances only; where they admit the client it makes no difference."""
    assert fate(ask(lab(private, with_eip, listener=listener), vip="10.0.40.10")) == "reachable: 200"
    answer = ask(lab(private, with_eip, group_1_closed, listener=listener), vip="10.0.40.10")

    assert answer.verdict == "undetermined"
    assert [each.code for each in answer.gaps] == [FactCode.GROUPS_APPLY_TO_EIP]


def test_whether_an_eip_leads_to_a_private_clb_is_not_known(listener: str) -> None:
    """No API of CLB tells, unless one of its VIPs is public; from inside nobody needs one."""
    answer = ask(lab(private, listener=listener))

    assert (answer.verdict, answer.reason) == ("undetermined", "FACT_MISSING")
    assert answer.gaps == (fact(FactCode.EIP_OF_BALANCER, balancer="lb-lab00001"),)
    assert hop(answer, "clb").end(unknown_passes=False)[0] == "dropped"
    assert FactCode.EIP_OF_BALANCER in {each.code for each in ask(lab(private, group_1_closed)).gaps}


def test_the_doubt_hides_no_cause_behind_it() -> None:
    answer = ask(lab(private, group_2_closed))

    assert answer.verdict == "unreachable"
    assert blocked_at(answer) == [("node", "NO_RULE_MATCHED")]


def with_eip(document: Document) -> None:
    document["load_balancers"][0]["LoadBalancerVips"].append("192.0.2.77")


def stranger(document: Document) -> None:
    """The listener's only target is a pod of another app: it was left over, and its address was given away."""
    pod = {"name": "db", "namespace": "shop", "labels": {"app": "db"}}
    spec = {"nodeName": "node-b", "containers": [{"ports": [{"containerPort": 80}]}]}
    status = {"phase": "Running", "podIP": "10.0.36.99", "podIPs": [{"ip": "10.0.36.99"}], "hostIP": "10.0.35.12"}
    document["kubernetes"].append({"kind": "Pod", "metadata": pod, "spec": spec, "status": status})
    targets(document)[:] = [{"Type": "ENI", "PrivateIpAddresses": ["10.0.36.99"], "Port": 80, "Weight": 10}]


def test_a_target_that_is_another_apps_pod_is_reported() -> None:
    found = [each for each in ask(lab(stranger)).findings if each.code == "LISTENER_OF_ANOTHER_SERVICE"]
    assert [each.facts for each in found] == [{"port": 80, "owner": "shop/db"}]


def test_without_all_its_endpoint_slices_a_target_may_be_a_services_own() -> None:
    def unsure(document: Document) -> None:
        stranger(document)
        document["complete"]["kubernetes"].remove("EndpointSlice")

    assert "LISTENER_OF_ANOTHER_SERVICE" not in [each.code for each in ask(lab(unsure)).findings]


def only(kind: str) -> Callable[[Document], None]:
    """The Service is of that type, and nothing leads to a CLB."""

    def change(document: Document) -> None:
        service(document)["spec"]["type"] = kind
        service(document)["metadata"]["annotations"] = {}
        service(document)["status"] = {}

    return change


@pytest.mark.parametrize("kind", ["ClusterIP", "NodePort", "ExternalName"])
def test_a_service_of_a_type_without_a_load_balancer_is_no_missing_fact(kind: str) -> None:
    with pytest.raises(InvalidInputError, match=f"shop/web is of type {kind}, which gets no load balancer"):
        ask(lab(only(kind)))


@pytest.mark.parametrize("kind", ["LoadBalancer", "", "Odd\x1b"])
def test_a_service_whose_load_balancer_nobody_names_is_named(kind: str) -> None:
    answer = ask(lab(only(kind)))
    assert answer.gaps == (fact(FactCode.BALANCER_OF_SERVICE, service="shop/web"),)


def test_a_load_balancer_that_is_not_here_is_named() -> None:
    answer = ask(lab(lambda document: document["load_balancers"].clear()))
    assert answer.gaps == (fact(FactCode.BALANCER_NAMED, balancer=BALANCER, service="shop/web"),)
