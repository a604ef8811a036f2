"""The least rights: what a capture asks for, and nothing more."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead, Wanted
from drilllib.core.capture.permissions import all_asks, permission, permissions, policy
from tests.core.capture_reader import Reader, capture
from tests.core.capture_worlds import cluster
from tests.core.test_capture_calls import MADE

# Names in policies of the vendor's and of others that were run: pages 598/98118, 598/98194, 598/70052, 598/69910,
# 215/35499; TKE's own role 457/43416; its network controller for both names of EIPs.
SPELLED = {
    *("clb:DescribeLoadBalancers", "clb:DescribeListeners", "clb:DescribeTargets", "clb:DescribeTargetHealth"),
    *("cvm:DescribeInstances", "cvm:DescribeSecurityGroupPolicys", "cvm:DescribeAddresses", "vpc:DescribeAddresses"),
    *("vpc:DescribeNetworkInterfaces", "vpc:DescribeSubnetEx", "vpc:DescribeSubnet", "vpc:DescribeAddress"),
    *("vpc:DescribeAddressGroups", "vpc:DescribeService", "vpc:DescribeServiceGroups", "tke:DescribeClusters"),
    *("tke:DescribeClusterInstances", "tke:DescribeAddon"),
}


def test_cam_names_are_those_of_the_vendors_policies() -> None:
    assert {name for call in MADE for name in permissions(call)} == SPELLED


def test_docs_name_every_call_and_every_right() -> None:
    text = (Path(__file__).parents[2] / "docs/capture.md").read_text(encoding="utf-8")
    section = text.partition("## What is read, with which rights")[2].partition("\n## ")[0]
    of_clb = {"clb:DescribeListeners", "clb:DescribeTargets", "clb:DescribeTargetHealth"}
    told = set(re.findall(r"`([^`]+)`", section))
    assert SPELLED - told == of_clb  # "the same names"
    assert {call.action for call in MADE} <= told
    read = {each.resource for each in all_asks("shop", "web") if isinstance(each, KubernetesRead)} - {"configmaps"}
    assert read <= told


def test_a_policy_has_what_the_asks_need_and_no_more() -> None:
    reader = Reader(cluster(2))
    capture(reader, Wanted("shop/web"))
    found = policy(reader.calls)
    actions = set(found.cam["statement"][0]["action"])
    assert actions == {name for each in reader.calls if isinstance(each, CloudCall) for name in permissions(each)}
    assert not any("*" in action or "Template" in action or "Address" in action for action in actions)
    assert json.loads(found.cam_text) == found.cam


def allows(objects: list[dict[str, Any]], read: KubernetesRead) -> bool:
    """Does RBAC let that read through: a second reading of its rules [rbac.authorization.k8s.io/v1]."""
    for item in objects:
        reaches = item["kind"] == "ClusterRole" or item["metadata"]["namespace"] == read.namespace
        for rule in item["rules"]:
            fits = read.group in rule["apiGroups"] and read.resource in rule["resources"]
            named = not rule.get("resourceNames") or read.name in rule["resourceNames"]
            if reaches and fits and named and ("get" if read.name else "list") in rule["verbs"]:
                return True
    return False


def test_rbac_lets_every_read_through_and_nothing_else() -> None:
    reader = Reader(cluster(2))
    capture(reader, Wanted("shop/web"))
    objects = list(yaml.safe_load_all(policy(reader.calls).rbac_text))
    assert objects == list(policy(reader.calls).rbac)
    reads = [each for each in reader.calls if isinstance(each, KubernetesRead)]
    assert all(allows(objects, each) for each in reads)
    others = [replace(calls.PODS, namespace="bank"), replace(calls.CONFIG_MAPS, namespace="shop"), calls.NAMESPACES]
    others += [
        replace(calls.CONFIG_MAPS, namespace="kube-system", name="other"),
        replace(calls.PODS, resource="secrets"),
    ]
    assert not any(allows(objects, each) for each in others)
    assert {verb for each in objects for rule in each["rules"] for verb in rule["verbs"]} == {"get", "list"}


def test_the_policy_beforehand_covers_any_capture_of_the_service() -> None:
    beforehand = policy(all_asks("shop", "web"))
    objects = [dict(each) for each in beforehand.rbac]
    assert set(beforehand.cam["statement"][0]["action"]) == SPELLED
    reader = Reader(cluster(2))
    capture(reader, Wanted("shop/web"))
    assert all(allows(objects, each) for each in reader.calls if isinstance(each, KubernetesRead))
    assert {each["metadata"].get("namespace") for each in objects} == {None, "shop", "kube-system"}


def test_a_permission_is_told_as_its_owner_spells_it() -> None:
    asks: dict[Ask, str] = {
        calls.rules_of("sg-1"): "cvm:DescribeSecurityGroupPolicys",
        calls.addresses_of("lb-1"): "cvm:DescribeAddresses / vpc:DescribeAddresses",
        calls.NODES: "list nodes",
        replace(calls.GROUP_POLICIES, namespace="shop"): (
            "list securitygrouppolicies.vpcresources.tke.cloud.tencent.com in shop"
        ),
        replace(calls.SERVICES, namespace="shop", name="web"): "get services/web in shop",
    }
    assert {ask: permission(ask) for ask in asks} == asks


def test_a_hostile_namespace_stays_a_text_of_the_yaml() -> None:
    name = 'x"\n- verbs: ["*"]'
    found = list(yaml.safe_load_all(policy([replace(calls.PODS, namespace=name)]).rbac_text))
    assert [each["metadata"]["namespace"] for each in found] == [name]
