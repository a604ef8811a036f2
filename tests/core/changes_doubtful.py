"""
Changes that put a fact of real clusters into the default lab of which nobody can say what it does to a request.

A *change* takes the default lab's document and alters it in place; those that need an argument return one.
"""

from changes import Change, Document, targets
from changes_real import the_pod

WAITING = {"waiting": {"reason": "CrashLoopBackOff"}}
RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def containers(**states: Document) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["spec"]["containers"][0]["name"] = "web"
        the_pod(document)["status"]["containerStatuses"] = [{"name": k, "state": v} for k, v in states.items()]

    return change


def conditions(**values: str) -> Change:
    def change(document: Document) -> None:
        the_pod(document)["status"]["conditions"] = [{"type": k, "status": v} for k, v in values.items()]

    return change


def gates(document: Document) -> None:
    the_pod(document)["spec"]["readinessGates"] = [
        {"conditionType": "cloud.tencent.com/load-balancer-backendgroup-ready"}
    ]


def pod_target(document: Document) -> None:
    """Direct access: the CLB sends to the pod itself."""
    target = targets(document)[0]
    target |= {"Type": "ENI", "Port": 80, "PrivateIpAddresses": ["10.0.36.12"]}
    target["InstanceId"] = ""


def target_outside(document: Document) -> None:
    """The CLB sends to a machine that is none of the cluster's: its address is no Node's."""
    target = targets(document)[0]
    target |= {"InstanceId": "ins-legacy", "PrivateIpAddresses": ["10.0.35.77"]}
    instance = {**document["instances"][0], "InstanceId": "ins-legacy", "InstanceName": "legacy"}
    document["instances"].append({**instance, "PrivateIpAddresses": ["10.0.35.77"]})


# Each leaves a fact open that nothing else leaves open.
DOUBTFUL = (
    (containers(web=WAITING),),
    (conditions(Ready="False"),),
)
