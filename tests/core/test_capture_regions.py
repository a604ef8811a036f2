"""A load balancer in another region than its targets is asked about there, and so are changes of its groups sent."""

from typing import Any

import yaml
from capture_reader import captured
from test_assembled import BY_HAND

from drilllib.core.capture.asks import CloudCall, Wanted
from drilllib.core.capture.saved import Assembled, assembled_files
from drilllib.core.diagnosis.diagnose import diagnose
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.fix.calls import commands
from drilllib.core.snapshot.anonymous.anonymous import anonymous
from drilllib.core.trace.answer import Question

THERE = {"ZoneId": 1, "Zone": "ap-beijing-1", "ZoneName": "Beijing Zone 1", "ZoneRegion": "ap-beijing"}


def files(zone: dict[str, Any] | None) -> dict[str, list[Any]]:
    """The files by hand, with the load balancer in that zone (None: a private one), and nothing in its group."""
    found = {each.name: [yaml.safe_load(each.read_text(encoding="utf-8"))] for each in sorted(BY_HAND.iterdir())}
    found["DescribeLoadBalancers.json"][0]["LoadBalancerSet"][0]["MasterZone"] = zone
    found["DescribeSecurityGroupPolicies.sg-lb000001.json"][0]["SecurityGroupPolicySet"]["Ingress"] = []
    return found


def joined(found: dict[str, list[Any]]) -> Assembled:
    return assembled_files(found, Wanted(service="edge/gateway"))


def test_the_change_of_its_group_is_sent_to_the_region_of_the_load_balancer() -> None:
    for zone, region in ((THERE, "ap-beijing"), (None, "ap-guangzhou")):
        snapshot = joined(files(zone)).snapshot
        repair = diagnose(snapshot, Question(service="edge/gateway"), ["203.0.113.10"]).repair

        assert repair is not None
        assert [f"--region {region} " in str(each) for each in commands(snapshot, repair.best)] == [True]
        assert snapshot.region == "ap-guangzhou"


def test_it_and_its_groups_are_asked_there_and_the_others_where_they_are() -> None:
    found = {
        name: documents
        for name, documents in files(THERE).items()
        if not name.startswith(("DescribeSecurityGroupPolicies", "DescribeTarget", "DescribeListeners"))
    }
    lines = [str(each) for each in joined(found).commands if "tccli clb" in str(each) or "Policies" in str(each)]
    there = [each for each in lines if "--region ap-beijing " in each]

    assert {each for each in lines if "lb-f1e2d3c4" in each or "sg-lb000001" in each} == set(there)
    assert len(there) == 4
    assert all("--region ap-guangzhou " in each for each in set(lines) - set(there))
    assert len(lines) > len(there)


def test_the_look_at_its_rules_is_taken_there() -> None:
    found = files(THERE)
    del found["DescribeSecurityGroupPolicies.sg-lb000001.json"]
    snapshot = joined(found).snapshot
    looks = diagnose(snapshot, Question(service="edge/gateway"), ["203.0.113.10"]).looks

    assert "--region ap-beijing --SecurityGroupId sg-lb000001" in str(looks[0].line(snapshot))


def test_an_anonymous_snapshot_keeps_the_region_under_the_other_name() -> None:
    found = anonymous(joined(files(THERE)).snapshot)

    assert found.snapshot.regions == {found.replaced["lb-f1e2d3c4"]: "ap-beijing"}


def test_what_its_rules_name_is_asked_there_and_what_others_name_is_not() -> None:
    """The same kinds of templates in both; each by the region of the group whose rules name it."""
    document = default_lab()
    service = next(item for item in document["kubernetes"] if item["kind"] == "Service")
    service["metadata"].setdefault("annotations", {})["service.cloud.tencent.com/cross-region-id"] = "ap-beijing"
    named = {"sg-clb00001": ("ipm-there001", "ppmg-there01"), "sg-node0001": ("ipm-here0001", "ppm-here0001")}
    for group, (address, port) in named.items():
        field = "ServiceGroupId" if port.startswith("ppmg") else "ServiceId"
        rule = {"PolicyIndex": 0, "AddressTemplate": {"AddressId": address}, "ServiceTemplate": {field: port}}
        document["security_groups"][group]["SecurityGroupPolicySet"]["Ingress"] = [{**rule, "Action": "ACCEPT"}]
    reader = captured(document)

    asked = {
        (each.action, each.region, texts(each)) for each in reader.calls if "Template" in getattr(each, "action", "")
    }
    assert asked == {
        ("DescribeAddressTemplates", "ap-beijing", "ipm-there001"),
        ("DescribeAddressTemplates", "", "ipm-here0001"),
        ("DescribeServiceTemplates", "ap-beijing", ""),
        ("DescribeServiceTemplates", "", "ppm-here0001"),
        ("DescribeServiceTemplateGroups", "ap-beijing", "ppmg-there01"),
    }


def texts(call: CloudCall) -> str:
    return " ".join(value for each in call.request.get("Filters") or () for value in each["Values"])
