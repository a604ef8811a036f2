"""
Does an answer have the fields and types that the vendor's SDK documents?

The SDK's models know every field. Each property says its type (``:rtype:``) and, where so, that it may be null. A
field the model does not know makes the SDK warn. What this stand-in leaves out although it is documented as never
null is named in `LEFT_OUT`, so that the list can be read, and cannot grow unseen.
"""

import re
import warnings
from collections.abc import Iterator
from typing import Any

# Newer or peripheral fields, by model; the Terraform provider 1.83 and the SDK do without them.
LEFT_OUT = {
    "vpc.SecurityGroupPolicy": {"Priority"},
    "vpc.NetworkInterface": {"QosLevel", "Ipv6Addresses", "Ipv6AddressCount"},
    "vpc.SecurityGroupLimitSet": {"SecurityGroupReferedCvmAndEniLimit", "SecurityGroupReferedSvcLimit"},
    "vpc.Subnet": {"StackType"},
    "vpc.Vpc": {"StackType"},
    "vpc.DescribeSubnetsResponse": {"NextToken"},
    "cvm.Instance": {
        *("DisasterRecoverGroupIds", "GPUInfo", "LicenseType", "HostName", "EnableJumboFrame", "Metadata"),
        *("PublicIPv6Addresses", "CpuTopology", "PartitionNumber"),
    },
    "cvm.Placement": {"HostIds", "DedicatedResourcePackTenancy", "DedicatedResourcePackIds", "RackId"},
    "cvm.SystemDisk": {"DiskName", "Encrypt", "KmsKeyId"},
    "cvm.LoginSettings": {"Password", "KeepImageLogin"},
    "cvm.InternetAccessible": {
        *("PublicIpAssigned", "BandwidthPackageId", "InternetServiceProvider", "IPv4AddressType", "IPv6AddressType"),
        "AntiDDoSPackageId",
    },
    "clb.LoadBalancer": {"ExclusiveCluster", "AvailableZoneAffinityInfo"},
    "clb.RuleOutput": {"RewriteTarget", "OAuth"},
    "tke.Cluster": {"SecurityModeConfig"},
    "tke.Instance": {"InstanceAdvancedSettings"},
    "tke.VirtualNodePool": {"SubnetAllocationPolicy"},
}
# Documented as never null, and there only where they were sent: given unasked, Terraform would see a change.
ONLY_WHEN_SENT = {
    "tke.NativeNodePoolInfo": {"InternetAccessible", "InstanceChargePrepaid"},
}
_PLAIN = {"str": str, "int": int, "bool": bool, "float": float}


def objections(models: Any, action: str, response: dict[str, Any]) -> list[str]:
    """What is wrong with the answer of *action*: unknown fields, missing ones, wrong types."""
    model = getattr(models, f"{action}Response")
    service = models.__name__.split(".")[1]
    return [*_unknown(model(), response), *_differences(models, service, model, response, action)]


def _unknown(instance: Any, response: dict[str, Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        instance._deserialize(response)
    return [str(each.message) for each in caught]


def _differences(models: Any, service: str, model: type, value: dict[str, Any], where: str) -> Iterator[str]:
    key = f"{service}.{model.__name__}"
    left_out, optional = LEFT_OUT.get(key, set()), ONLY_WHEN_SENT.get(key, set())
    for name, prop in vars(model).items():
        if isinstance(prop, property):
            text = prop.fget.__doc__ or ""
            kind = (re.search(r":rtype: *(.*)", text) or [None, ""])[1].strip()
            if name in left_out:
                if name in value:
                    yield f"{where}.{name} is said to be left out"
            elif value.get(name) is None:
                if "null" not in text and name not in optional:
                    yield f"{where}.{name} is missing"
            else:
                yield from _of_type(models, service, kind, value[name], f"{where}.{name}")


def _of_type(models: Any, service: str, kind: str, value: Any, where: str) -> Iterator[str]:
    listed, named = re.fullmatch(r"list of (\w+)", kind), re.search(r":class:`[\w.]+\.(\w+)`", kind)
    if listed:
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for place, item in enumerate(value):
            yield from _of_type(models, service, listed[1], item, f"{where}[{place}]")
    elif named or hasattr(models, kind):
        model = getattr(models, named[1] if named else kind)
        yield from _differences(models, service, model, value, where)
    elif kind in _PLAIN and type(value) is not _PLAIN[kind]:
        yield f"{where} is {value!r} and should be {kind}"
