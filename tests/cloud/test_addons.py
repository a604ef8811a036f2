"""The switch for group 3: what UpdateAddon of eniipamd does to the interfaces of pods."""

import base64
import json
from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import NODE_GROUP, POD_GROUP, new_cluster
from tests.cloud.helpers import ask, new_api, refusal_of

NAMED = {"ClusterId": "cls-lab00001", "AddonName": "eniipamd"}


def values(**setting: Any) -> str:
    text = json.dumps({"vpcCni": {"securityGroups": setting}})
    return base64.b64encode(text.encode()).decode()


def update(api: TencentApi, raw: str, **more: Any) -> None:
    ask(api, "tke", "UpdateAddon", {**NAMED, "RawValues": raw, **more}, version="2018-05-25")


def on_pods(api: TencentApi) -> tuple[str, ...] | None:
    return api.snapshot().bound_groups()["eni-podsb001"]


@pytest.fixture
def api() -> TencentApi:
    """Switched on, with the group sg-pod00001."""
    return new_api()


def test_switched_off_and_on_again(api: TencentApi) -> None:
    """Off frees the group, so that it can be deleted; on puts the list on every interface that is there."""
    update(api, values(enableSecurityGroups=False))
    assert on_pods(api) == ()

    update(api, values(enableSecurityGroups=True, securityGroups=[NODE_GROUP, POD_GROUP]))
    assert on_pods(api) == (NODE_GROUP, POD_GROUP)


def test_an_empty_list_means_the_groups_of_the_node(api: TencentApi) -> None:
    """Then the node's DROP ALL is the pods', too."""
    update(api, values(enableSecurityGroups=False))
    update(api, values(enableSecurityGroups=True, securityGroups=[]))

    assert on_pods(api) == (NODE_GROUP,)


def test_another_list_reaches_new_nodes_only(api: TencentApi) -> None:
    """Documented; whoever expects the pods to be open now is surprised."""
    update(api, values(securityGroups=[NODE_GROUP]))

    assert on_pods(api) == (POD_GROUP,)
    read = ask(api, "tke", "DescribeAddonValues", NAMED, version="2018-05-25")["Values"]
    assert json.loads(read)["vpcCni"]["securityGroups"] == {
        "enableSecurityGroups": True,
        "securityGroups": [NODE_GROUP],
    }


def test_replacing_goes_back_to_the_defaults_and_a_dry_run_does_nothing(api: TencentApi) -> None:
    """The default is off."""
    update(api, values(), UpdateStrategy="replace", DryRun=True)
    assert on_pods(api) == (POD_GROUP,)

    update(api, values(), UpdateStrategy="replace")
    assert on_pods(api) == ()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{}", "InvalidParameter.Param"),
        (base64.b64encode(b"[]").decode(), "InvalidParameter.Param"),
        (base64.b64encode(b'{"replicas": 2}').decode(), "UnsupportedOperation"),
        (values(enableSecurityGroups="yes"), "UnsupportedOperation"),
        (values(securityGroups=["sg-nowhere1"]), "InvalidParameter.Param"),
        (values(securityGroups=[7]), "InvalidParameter.Param"),
        (values(securityGroups=[POD_GROUP] * 6), "InvalidParameter.Param"),
    ],
)
def test_values_that_are_not_modelled_are_refused(api: TencentApi, raw: str, code: str) -> None:
    """Taken without effect they would look as if they worked."""
    assert refusal_of(api, "tke", "UpdateAddon", {**NAMED, "RawValues": raw}, version="2018-05-25") == code
    assert on_pods(api) == (POD_GROUP,)


def read_config(api: TencentApi) -> tuple[str, Any]:
    """A refresh of tencentcloud_kubernetes_addon_config: addon_version, and raw_values as the JSON that it compares."""
    (addon,) = ask(api, "tke", "DescribeAddon", NAMED, version="2018-05-25")["Addons"]
    return addon["AddonVersion"], json.loads(base64.b64decode(addon["RawValues"]) or "null")


@pytest.mark.parametrize("setting", [{"enableSecurityGroups": True}, {"enableSecurityGroups": False}])
def test_terraforms_addon_config_is_applied_planned_and_changed(setting: dict[str, Any]) -> None:
    """The first request has no version; once it was read, each has. What was set comes back, no default beside it."""
    api = new_api(new_cluster())
    version, nothing = read_config(api)
    assert nothing is None

    update(api, values(**setting))
    assert read_config(api) == (version, {"vpcCni": {"securityGroups": setting}})

    update(api, values(**setting, securityGroups=[]), AddonVersion=version)
    assert read_config(api) == (version, {"vpcCni": {"securityGroups": {**setting, "securityGroups": []}}})


def test_another_version_of_the_add_on_is_refused(api: TencentApi) -> None:
    newer = {**NAMED, "AddonVersion": "9.9.9", "RawValues": values(enableSecurityGroups=False)}

    assert refusal_of(api, "tke", "UpdateAddon", newer, version="2018-05-25") == "UnsupportedOperation"
    assert on_pods(api) == (POD_GROUP,)
