"""A cloud of any size: the default lab with so many groups of ten rules, and deployments of 50 pods each."""

import json
from datetime import UTC, datetime
from typing import Any

from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.requests import Request
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent import tc3
from drilllib.cloud.tencent.api import TencentApi
from drilllib.core.drills.default_lab import default_lab, policy

KEYS = {"AKIDbench": "a key for measuring"}
KUBE_TOKEN = "measuring"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
RULES, PODS = 10, 50


def document(groups: int) -> dict[str, Any]:
    """The default lab with so many groups, and room for 1,000 pods."""
    lab = default_lab()
    lab["subnets"][-1]["CidrBlock"] = "10.0.36.0/22"
    rules = [
        {"PolicyIndex": place, **policy("ACCEPT", "TCP", f"10.{place}.0.0/16", str(80 + place))}
        for place in range(RULES)
    ]
    for number in range(groups):
        lists = {"Version": "1", "Ingress": rules, "Egress": []}
        lab["security_groups"][f"sg-{number:08}"] = {"SecurityGroupName": str(number), "SecurityGroupPolicySet": lists}
    return lab


def new_apis(groups: int, deployments: int, pods: int = PODS) -> tuple[TencentApi, KubeApi]:
    """Both APIs of one cloud, its deployments of so many pods made through the API."""
    state = CloudState(document(groups))
    kube = KubeApi(state)
    for number in range(deployments):
        for path, item in _workload(f"app-{number}", pods):
            answer = kube.handle(Request("POST", path, {}, {"content-type": "application/json"}, item, "bench"))
            if answer.code != 201:
                raise SystemExit(f"The cloud refused what was to be measured: {answer.body.decode()}")
    running = sum(
        item["kind"] == "Pod" and bool(item["status"].get("podIP")) for item in state.snapshot().to_dict()["kubernetes"]
    )
    if running < deployments * pods:
        raise SystemExit(f"Only {running} pods run")
    return TencentApi(state, KEYS), kube


def _workload(name: str, pods: int) -> list[tuple[str, bytes]]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx"}]}}
    spec = {"replicas": pods, "selector": {"matchLabels": labels}, "template": template}
    service = {"selector": labels, "ports": [{"port": 80}]}
    made = [("apps/v1", "apis/apps/v1", "Deployment", spec), ("v1", "api/v1", "Service", service)]
    return [
        (
            f"/{root}/namespaces/shop/{kind.lower()}s",
            json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}).encode(),
        )
        for version, root, kind, spec in made
    ]


def tencent_headers(action: str, body: bytes) -> dict[str, str]:
    """Signed; one signature serves for as long as a run takes."""
    headers = tc3.signed_headers("AKIDbench", KEYS["AKIDbench"], "bench", "vpc", datetime.now(UTC), body)
    return headers | {"X-TC-Action": action, "X-TC-Version": "2017-03-12", "X-TC-Region": "ap-guangzhou"}
