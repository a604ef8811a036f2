"""Every read of a capture exists, as the vendor's SDK and the Kubernetes client have it, and only reads."""

import importlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead
from drilllib.core.capture.kubernetes_reads import SETTINGS
from drilllib.core.capture.paging import PAGED, ROWS
from drilllib.core.capture.permissions import CAM_ACTIONS, NEVER_CALLED
from tests.core.ledger_models import sdk_fields

MADE: list[CloudCall] = [
    *calls.balancers(["lb-1"]),
    calls.balancers_of_service("0d0c"),
    *calls.balancers_at(["192.0.2.10"]),
    *calls.of_balancer("lb-1"),
    calls.addresses_of("lb-1"),
    *calls.instances(["ins-1", "ins-2"]),
    *calls.instances_at(["10.0.0.1"]),
    calls.native_machines("cls-1"),
    *calls.interfaces("vpc-1", ["10.0.0.1", "2001:db8::1"]),
    *calls.interfaces_with("vpc-1", ["sg-1"]),
    *calls.instances_with("vpc-1", ["sg-1"]),
    calls.subnets("vpc-1"),
    calls.rules_of("sg-1"),
    *(call for kind in ("Address", "Service") for ids in ((), ("ipm-1",)) for call in calls.templates(kind, ids)),
    *(call for kind in ("Address", "Service") for call in calls.template_groups(kind, ["ipmg-1"])),
    calls.clusters(["cls-1"]),
    calls.clusters_in("vpc-1"),
    calls.add_on("cls-1", "eniipamd"),
]


def models(call: CloudCall) -> Any:
    """The SDK's models of a service in a version."""
    return importlib.import_module(f"tencentcloud.{call.service}.v{call.version.replace('-', '')}.models")


def test_the_calls_tried_here_are_all_there_are() -> None:
    """Else a new call would be held by no test below."""
    functions = inspect.getsource(calls)
    assert {each.action for each in MADE} == set(CAM_ACTIONS)
    spelled = set(re.findall(r'"(Describe\w+)"', functions))
    assert spelled <= set(CAM_ACTIONS)


@pytest.mark.parametrize("call", MADE, ids=lambda call: call.action)
def test_every_parameter_is_the_vendors_and_of_its_type(call: CloudCall) -> None:
    model = getattr(models(call), f"{call.action}Request")
    assert list(wrong(model, call.request)) == []


def wrong(model: type, given: Mapping[str, Any]) -> Iterator[str]:
    """What of a request the SDK's model does not have, or has with another type."""
    fields = sdk_fields(model)
    for name, value in given.items():
        if name not in fields:
            yield name
            continue
        told = re.search(r":rtype:\s*(list of )?(?::class:`[\w.]*\.)?(\w+)", getattr(model, name).__doc__ or "")
        assert told
        held = fields[name]
        for each in value if told[1] else [value]:
            if held is not None:
                yield from wrong(held, each)
            elif type(each).__name__ != told[2]:
                yield f"{name}: {type(each).__name__}, not {told[2]}"


@pytest.mark.parametrize("call", MADE, ids=lambda call: call.action)
def test_every_filter_is_in_the_vendors_text(call: CloudCall) -> None:
    text = getattr(models(call), f"{call.action}Request").__init__.__doc__ or ""
    names = [each["Name"] for each in call.request.get("Filters", ())]
    known = [f"{name.partition(':')[0]}:tag-key" if ":" in name else name for name in names]
    if (call.service, call.action) == ("tke", "DescribeClusters"):
        known = [f'"Name":"{each}"' for each in known]
    assert [name for name in known if name not in text] == []


@pytest.mark.parametrize("action", sorted(ROWS))
def test_every_list_and_id_is_in_the_vendors_answer(action: str) -> None:
    call = next(each for each in MADE if each.action == action)
    listed, name = ROWS[action]
    row = sdk_fields(getattr(models(call), f"{action}Response"))[listed]
    assert row is not None
    assert name in sdk_fields(row)


@pytest.mark.parametrize("call", MADE, ids=lambda call: call.action)
def test_pages_are_asked_for_where_the_vendor_has_them_as_it_writes_numbers(call: CloudCall) -> None:
    """A call that leaves Limit out gets 20 rows of a hundred; a number for a text is refused."""
    model = getattr(models(call), f"{call.action}Request")
    paged = "Offset" in sdk_fields(model)
    assert paged == (call.action in PAGED) == ("Limit" in call.request)
    if paged:
        told = re.search(r":rtype:\s*(\w+)", model.Offset.__doc__)
        assert told
        assert told[1] == PAGED[call.action].__name__


def test_only_what_reads_is_called() -> None:
    """Some Describe calls issue certificates or hand out passwords; an add-on is always asked for by its name."""
    assert not set(NEVER_CALLED) & {each.action for each in MADE}
    assert all(re.fullmatch(r"Describe\w+", each.action) for each in MADE)
    assert all(each.request.get("AddonName") for each in MADE if each.action == "DescribeAddon")


READS = {each.resource: each for each in calls.KUBERNETES_READS}
OF_CUSTOM_RESOURCES = (
    *("gateways", "httproutes", "securitygrouppolicies", "peerauthentications", "authorizationpolicies"),
)


@pytest.mark.parametrize("resource", sorted(set(READS) - set(OF_CUSTOM_RESOURCES)))
def test_every_kubernetes_read_is_in_the_clients_paths(resource: str) -> None:
    """The official client spells groups, versions, plurals and kinds."""
    read = READS[resource]
    module = f"{read.group.removesuffix('.k8s.io').replace('.', '_') or 'core'}_{read.version}_api"
    text = inspect.getsource(importlib.import_module(f"kubernetes.client.api.{module}"))
    root = f"/apis/{read.group}/{read.version}" if read.group else f"/api/{read.version}"
    place = "" if resource in ("nodes", "namespaces") else "/namespaces/{namespace}"
    assert f"'{root}{place}/{resource}'" in text
    assert f"V1{read.kind}List" in text


def test_secrets_and_the_insides_of_pods_are_never_read() -> None:
    assert not {"secrets", "pods/log", "pods/exec", "nodes/proxy"} & set(READS)
    every: list[Ask] = [*MADE, *READS.values()]
    assert all(isinstance(each, CloudCall | KubernetesRead) for each in every)
    assert replace(READS["configmaps"], namespace="kube-system", name="tke-service-controller-config") == SETTINGS
