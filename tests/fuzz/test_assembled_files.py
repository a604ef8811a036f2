"""Saved answers, changed, and with secrets in them: a snapshot or one clear line, and no secret."""

import base64
import copy
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from drilllib import assemble
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, InvalidRuleError
from tests.fuzz.hostile import is_harmless
from tests.fuzz.mutations import mutated
from tests.fuzz.running import run
from tests.thorough import how_many

BY_HAND = Path(__file__).parents[1] / "core" / "by_hand"
ANSWERS = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in sorted(BY_HAND.iterdir())}
CASES = range(how_many(40, thorough=400, long=2_000))
TOKEN = "hunter2-AKIDz8krbsJ5yKBZQpn74WFkmLPx3"
COMMAND = {"exec": {"command": ["sh", "-c", TOKEN]}}


def written(folder: Path, answers: dict[str, Any]) -> list[str]:
    for name, document in answers.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    return [str(folder / name) for name in answers]


def test_a_changed_answer_is_a_snapshot_or_one_clear_line(tmp_path: Path) -> None:
    """What was written is read again; where there was an error, nothing was written."""
    statuses, wrong, there = Counter[int](), [], tmp_path / "out.json"
    for number in CASES:
        random = Random(number)
        answers = dict(ANSWERS)
        for name in random.sample(sorted(answers), random.choice((1, 1, 3))):
            answers[name] = mutated(random, answers[name], random.choice(list(ANSWERS.values())))
        there.unlink(missing_ok=True)
        ran = run("assemble", *written(tmp_path, answers), "--service", "edge/gateway", "--out", str(there))
        statuses[ran.status] += 1
        strange = [line for line in (*ran.out.split("\n"), *ran.err.split("\n")) if not is_harmless(line)]
        if ran.objection or strange or there.exists() is not (ran.status == 0):
            wrong.append(f"{number}: {ran.objection or strange or 'half written'}")
        elif ran.status == 0:
            Snapshot(json.loads(there.read_text("utf-8")))

    assert wrong == []
    assert set(statuses) == {0, 2}


def with_secrets() -> dict[str, Any]:
    """The answers, with a secret in every place where one is found, and some where one never should be."""
    found = copy.deepcopy({name: each for name, each in ANSWERS.items() if not name.endswith(".yaml")})
    for machine in found["DescribeInstances.json"]["InstanceSet"]:
        machine |= {"UserData": TOKEN, "LoginSettings": {"Password": TOKEN}, "Tags": [{"Key": TOKEN, "Value": TOKEN}]}
    for balancer in found["DescribeLoadBalancers.json"]["LoadBalancerSet"]:
        balancer |= {"LoadBalancerName": TOKEN, "Tags": [{"TagKey": "a", "TagValue": TOKEN}], "NewField": TOKEN}
    for listener in found["DescribeListeners.json"]["Listeners"]:
        listener |= {"Certificate": {"CertId": TOKEN}, "HealthCheck": {"SendContext": TOKEN, "HttpCheckPath": TOKEN}}
    for name, group in found.items():
        if "SecurityGroupPolicies" in name:
            group["SecurityGroupPolicySet"]["Ingress"][0] |= {"PolicyDescription": TOKEN}
    found["DescribeClusters.json"]["Clusters"][0] |= {
        "Property": json.dumps({"NetworkType": "VPC-CNI", "Password": TOKEN})
    }
    values = base64.b64encode(json.dumps({"dockerPassword": TOKEN}).encode()).decode()
    found["DescribeAddon.json"]["Addons"].append({"AddonName": "tcr", "RawValues": values, "Phase": "Running"})
    message = f"you are not authorized to perform operation (vpc:DescribeSubnetEx) resource (qcs::uin/{TOKEN})"
    found["subnets.json"] = {"Response": {"Error": {"Code": "UnauthorizedOperation", "Message": message}}}
    found["objects.json"] = {"kind": "List", "items": list(objects_with_secrets())}
    return found


def objects_with_secrets() -> Iterator[Any]:
    items = [item for name, each in ANSWERS.items() if name.endswith(".yaml") for item in each.get("items", [each])]
    for item in copy.deepcopy(items):
        item["metadata"] |= {"managedFields": [{"manager": TOKEN}]}
        item["metadata"].setdefault("annotations", {})[f"{TOKEN}/key"] = TOKEN
        item["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = TOKEN
        if item["kind"] == "Service":
            protocols = json.dumps({"443": {"protocol": ["TCP"], "tls": TOKEN}})
            item["metadata"]["annotations"]["service.cloud.tencent.com/specify-protocol"] = protocols
            item["status"] |= {"conditions": [{"type": "Ready", "status": "True", "message": TOKEN}]}
        for container in item.get("spec", {}).get("containers", ()):
            container |= {"args": [TOKEN], "command": [TOKEN], "image": TOKEN, "livenessProbe": COMMAND}
            container["readinessProbe"] = {"httpGet": {"port": 8443, "httpHeaders": [{"value": TOKEN}], "path": TOKEN}}
            container["env"] = [{"name": "PASSWORD", "value": TOKEN}]
            state = {"terminated": {"message": TOKEN, "exitCode": 1}}
            item["status"] |= {"containerStatuses": [{"name": "gateway", "lastState": state, "state": {"running": {}}}]}
            item["status"] |= {"conditions": [{"type": "Ready", "status": "True", "message": TOKEN}]}
        yield item
    yield {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "x", "namespace": "y"}, "data": {"a": TOKEN}}
    settings = {"name": "tke-service-controller-config", "namespace": "kube-system"}
    yield {"kind": "ConfigMap", "apiVersion": "v1", "metadata": settings, "data": {"password": TOKEN}}
    yield {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {"template": TOKEN}}


@pytest.mark.parametrize("options", [(), ("--json",), ("--withheld",), ("--lang", "zh")], ids=str)
def test_no_secret_in_the_files_is_in_anything_that_comes_out(tmp_path: Path, options: tuple[str, ...]) -> None:
    there = tmp_path / "out.json"
    files = written(tmp_path, with_secrets())
    assert sum(Path(name).read_text("utf-8").count(TOKEN) for name in files) > 50
    ran = run("assemble", *files, "--service", "edge/gateway", "--out", str(there), *options)

    assert (ran.status, ran.err) == (0, "")
    assert TOKEN not in ran.out + there.read_text("utf-8")
    assert run("trace", str(there), "--service", "edge/gateway", "--from", "203.0.113.10").status in (0, 1, 3)
    assert "vpc:DescribeSubnetEx" in ran.out


def test_no_secret_is_in_an_error_about_the_file(tmp_path: Path) -> None:
    """One that stands in the place of another thing is quoted by no message but where it is what is wrong."""
    answers = with_secrets()
    answers["DescribeInstances.json"]["InstanceSet"][0]["SecurityGroupIds"] = 7
    with pytest.raises((InvalidInputError, InvalidRuleError)) as refused:
        assemble(written(tmp_path, answers))
    assert TOKEN not in str(refused.value)
