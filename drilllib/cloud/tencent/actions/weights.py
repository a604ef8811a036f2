"""The weights of targets. API: CLB 2018-03-17; part `listeners` of the document."""

from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.actions.balancers import CLB, balancer_of, task
from drilllib.cloud.tencent.call import Call, action
from drilllib.cloud.tencent.errors import ApiError, missing, not_found
from drilllib.core.snapshot.resources import LAYER_7

DEFAULT, MOST = 10, 100
_TARGET = {"InstanceId?": str, "EniIp?": str, "Port": int, "Weight?": int, "Type?": str}


@action(
    *CLB,
    "ModifyTargetWeight",
    {
        "LoadBalancerId": str,
        "ListenerId": str,
        "Targets": [_TARGET],
        "LocationId?": str,
        "Domain?": str,
        "Url?": str,
        "Weight?": int,
    },
    writes=True,
    settled=True,  # the service controller leaves weights as somebody set them
)
def modify(call: Call) -> Mapping[str, Any]:
    """Each target gets its own weight, else the call's, else 10; all of them, or where one is unknown none."""
    balancer = balancer_of(call.document, call.params["LoadBalancerId"])
    held = _held(call, balancer["LoadBalancerId"])
    changes = [(_found(held, asked), _weight(call, asked)) for asked in call.params["Targets"]]
    for target, weight in changes:
        target["Weight"] = weight
    return task(call, [balancer["LoadBalancerId"]])


def _held(call: Call, balancer_id: str) -> list[dict[str, Any]]:
    """The targets of the listener, at layer 7 those of the forwarding rule that is named."""
    wanted = call.params["ListenerId"]
    items = (call.document.get("listeners") or {}).get(balancer_id) or []
    listener = next((each for each in items if each["ListenerId"] == wanted), None)
    if listener is None:
        raise not_found("listener", wanted, "InvalidParameter.ListenerIdNotFound")
    if listener["Protocol"].upper() not in LAYER_7:
        return list(listener.get("Targets") or ())
    place = {name: call.params[name] for name in ("LocationId", "Domain", "Url") if name in call.params}
    if "LocationId" in place:
        place = {"LocationId": place["LocationId"]}
    elif not {"Domain", "Url"} <= set(place):
        raise missing("LocationId")
    for rule in listener.get("Rules") or ():
        if all(rule.get(name) == value for name, value in place.items()):
            return list(rule.get("Targets") or ())
    raise not_found("forwarding rule", " ".join(place.values()), "InvalidParameter.LocationNotFound")


def _found(held: list[dict[str, Any]], asked: Mapping[str, Any]) -> dict[str, Any]:
    if ("InstanceId" in asked) == ("EniIp" in asked):
        raise ApiError("InvalidParameter", "Each of `Targets` has either `InstanceId` or `EniIp`.")
    for each in held:
        is_it = (
            each.get("InstanceId") == asked["InstanceId"]
            if "InstanceId" in asked
            else asked["EniIp"] in (each.get("PrivateIpAddresses") or ())
        )
        if is_it and each["Port"] == asked["Port"]:
            return each
    name = asked.get("InstanceId") or asked.get("EniIp")
    raise not_found("target", f"{name}:{asked['Port']}", "InvalidParameterValue")


def _weight(call: Call, asked: Mapping[str, Any]) -> int:
    weight: int = asked.get("Weight", call.params.get("Weight", DEFAULT))
    if not 0 <= weight <= MOST:
        raise ApiError("InvalidParameterValue.Range", f"The weight {weight} is not between 0 and {MOST}.")
    return weight
