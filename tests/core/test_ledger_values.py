"""Values that stop or divert requests, by the vendor's and Kubernetes' own texts: none passes for normal."""

from collections.abc import Mapping
from typing import Any

import pytest
from ledger_places import KINDS, put
from ledger_shapes import SHAPES, covers, fields

from drilllib.core.snapshot.ledger.tables import Kind, doubts_of, exactly, only

# Kind, field, and a value that its text in the SDK of the vendor, or in the API reference of Kubernetes, says this of.
NOT_NORMAL = [
    ("LoadBalancer", "Status", 0),  # being created
    ("LoadBalancer", "Isolation", 1),  # isolated
    ("LoadBalancer", "IsBlock", True),  # the VIP is blocked
    ("LoadBalancer", "Snat", True),  # targets see another address
    ("LoadBalancer", "AttributeFlags", ["DeleteProtect", "BlockStatus"]),  # operations or traffic are blocked
    ("LoadBalancer", "AttributeFlags", ["BanStatus"]),  # banned
    ("LoadBalancer", "AttributeFlags", ["Stop"]),  # the service is paused
    ("LoadBalancer", "AttributeFlags", ["WafFlag"]),  # a firewall protects it
    ("LoadBalancer", "AttributeFlags", ["NoLBNat"]),  # no translation of addresses
    ("LoadBalancer", "AttributeFlags", ["IPv6Snat"]),  # the source is translated
    ("LoadBalancer", "AvailableZoneAffinityInfo.Enable", True),  # targets of one zone
    ("Listener", "TargetType", "TARGETGROUP"),
    ("Listener", "TargetType", "TARGETGROUP-V2"),
    ("Listener", "TargetType", "POLARIS"),
    ("Listener", "TargetGroup.TargetGroupId", "lbtg-11112222"),
    ("Listener", "TargetGroupList[].TargetGroupId", "lbtg-11112222"),
    ("Listener", "SessionExpireTime", 30),
    ("Listener", "Scheduler", "IP_HASH"),
    ("Listener", "Certificate.SSLMode", "MUTUAL"),  # clients need a certificate
    ("RuleOutput", "RewriteTarget.TargetListenerId", "lbl-11112222"),  # the CLB redirects
    ("RuleOutput", "TargetType", "TARGETGROUP"),
    ("RuleOutput", "ForwardType", "GRPC"),
    ("RuleOutput", "ForwardType", "TRPC"),
    ("RuleOutput", "OAuth.OAuthEnable", True),  # requests need a login
    ("RuleOutput", "WafDomainId", "waf-1"),
    ("RuleOutput", "FunctionTargets", [{"Weight": 10}]),  # a cloud function answers
    ("RuleOutput", "Certificate.SSLMode", "MUTUAL"),
    ("HealthCheck", "CheckType", "CUSTOM"),
    ("HealthCheck", "CheckType", "GRPC"),
    ("HealthCheck", "HttpCode", 1),  # 1xx only
    ("HealthCheck", "HttpCode", 28),  # anything but 1xx and 2xx
    *[
        ("Instance", "InstanceState", state)
        for state in ("PENDING", "STARTING", "STOPPING", "REBOOTING", "RESCUE_MODE")  # switched off: read
    ],
    ("Instance", "InstanceState", "TERMINATING"),
    ("Instance", "RestrictState", "EXPIRED"),
    ("Instance", "RestrictState", "PROTECTIVELY_ISOLATED"),
    *[("Instance", "IsolatedSource", source) for source in ("ARREAR", "EXPIRE", "MANMADE")],
    *[("NetworkInterface", "State", state) for state in ("PENDING", "ATTACHING", "DETACHING", "DELETING")],
    ("NetworkInterface", "NetworkInterfaceState", "DETACHING"),
    *[("NetworkInterface", "PrivateIpAddressSet[].State", state) for state in ("PENDING", "MIGRATING", "DELETING")],
    ("Subnet", "NetworkAclId", "acl-11112222"),
    ("Cluster", "ClusterStatus", "Isolated"),
    ("Cluster", "ClusterStatus", "Abnormal"),
    ("Cluster", "ClusterStatus", "Idling"),
    ("Cluster", "ClusterNetworkSettings.DataPlaneV2", True),  # Cilium in the place of kube-proxy
    ("Cluster", "SecurityModeConfig.Enabled", True),  # network policies
    ("Service", "spec.sessionAffinity", "ClientIP"),
    ("Service", "spec.trafficDistribution", "PreferClose"),
    ("Service", "spec.trafficDistribution", "PreferSameNode"),
    ("Service", "metadata.annotations[service.kubernetes.io/topology-mode]", "Auto"),
    ("Service", "metadata.labels[service.kubernetes.io/service-proxy-name]", "mine"),
    ("EndpointSlice", "addressType", "FQDN"),
    ("EndpointSlice", "endpoints[].hints", {"forZones": [{"name": "a"}]}),
    ("EndpointSlice", "endpoints[].conditions.terminating", True),
    ("Node", "spec.taints[].key", "node.cloudprovider.kubernetes.io/shutdown"),
    ("Node", "spec.taints[].key", "node.kubernetes.io/out-of-service"),
    ("Node", "spec.taints[].key", "node.kubernetes.io/network-unavailable"),
    ("Pod", "status.phase", "Failed"),
    ("Pod", "status.phase", "Succeeded"),
    ("Pod", "spec.initContainers[].restartPolicy", "Always"),  # a sidecar
    ("Pod", "metadata.annotations[tke.cloud.tencent.com/networks]", "tke-bridge"),
]


@pytest.mark.parametrize(("kind", "path", "value"), NOT_NORMAL)
def test_a_value_that_stops_or_diverts_is_read_or_a_doubt(kind: str, path: str, value: object) -> None:
    """The table is held against this list, which knows nothing of it."""
    item: dict[str, object] = {}
    put(item, path, value)

    known = (*KINDS[kind].read.split(), *fields(SHAPES[kind]))
    assert any(covers(each, path) or covers(path, each) for each in known) or doubts_of(KINDS[kind], item, "it")


def test_a_value_is_shortened_and_cannot_spoil_a_terminal() -> None:
    """Snapshots come from elsewhere."""
    kind = Kind("Thing", "", read="", harmless="", fine={"State": only("ON", why="")})
    (value,) = doubts_of(kind, {"State": "\x1b[2J" + "x" * 5000}, "it")
    (name,) = doubts_of(kind, {"\x1b[2J" + "x" * 5000: 1}, "it")

    for each in map(str, (value, name)):
        assert len(each) < 250
        assert each.isprintable()


def test_an_object_with_many_odd_fields_names_a_few() -> None:
    """An answer stays readable."""
    kind = Kind("Thing", "", read="", harmless="")

    assert len(doubts_of(kind, dict.fromkeys(map(str, range(1000)), 1), "it")) == 8


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"Inner": {"State": "OFF"}}, "Inner.State"),
        ({"Inner": [{"State": "ON"}, {"State": "OFF"}]}, "Inner[].State"),
        ({"Inner": [[{"State": "OFF"}]]}, "Inner[][].State"),
        ({"Inner": "OFF"}, "Inner"),
        ({"Inner": {"New": {"Deep": 1}}}, "Inner.New"),
        ({"Labels": {"a.b/c": "OFF", "d": "OFF"}}, "Labels[a.b/c]"),
        ({"On": 1}, "On"),
        ({"Count": True}, "Count"),
        ({"Policy": "local"}, "Policy"),
    ],
)
def test_a_doubt_names_the_path_as_the_tables_write_it(item: Mapping[str, Any], expected: str) -> None:
    """So that it is found in docs/fields.md. True is not 1, whatever Python says."""
    on = only("ON", why="")
    fine = {
        "Inner.State": on,
        "Labels[a.b/c]": on,
        "On": only(True, why=""),
        "Count": only(1, why=""),
        "Policy": exactly("Local", why=""),
    }
    kind = Kind("Thing", "", read="Inner.Name", harmless="Labels.*", fine=fine)

    (found,) = doubts_of(kind, item, "it")

    assert dict(found.values)["field"] == expected


def test_a_path_is_named_once() -> None:
    """Two entries for one field would contradict each other."""
    with pytest.raises(ValueError, match="twice"):
        Kind("Thing", "", read="State", harmless="State").tree  # noqa: B018  a property, which raises
    with pytest.raises(ValueError, match="covers"):
        Kind("Thing", "", read="Inner", harmless="Inner.State").tree  # noqa: B018  a property, which raises
