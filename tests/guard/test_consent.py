"""A cluster is changed only where its owner has said so."""

import copy
from typing import Any

import pytest

from drilllib.core.drills.default_lab import new_cluster
from drilllib.guard.consent import NoConsentError, command, consent_read, require_consent
from drilllib.guard.marks import CONSENT
from tests.cloud.capturing import InProcess

CLUSTER = "cls-lab00001"


def cloud(*, named: str = "", tag: str = "", value: str = "yes") -> InProcess:
    """A new cluster, whose ConfigMap names a cluster, or which has a tag."""
    document: dict[str, Any] = copy.deepcopy(new_cluster())
    read = consent_read()
    if named:
        metadata = {"name": read.name, "namespace": read.namespace}
        item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"cluster": named}}
        document["kubernetes"].append(item)
    if tag:
        tags = [{"Key": tag, "Value": value}]
        document["cluster"]["TagSpecification"] = [{"ResourceType": "cluster", "Tags": tags}]
    return InProcess(document)


def test_the_error_has_the_command_that_consents() -> None:
    """One line, to be pasted by whoever owns the cluster."""
    with pytest.raises(NoConsentError) as found:
        require_consent(cloud().read, CLUSTER)

    assert str(command(CLUSTER)) in str(found.value)
    assert str(command(CLUSTER)).startswith(f"kubectl create configmap {CONSENT} ")


@pytest.mark.parametrize("marks", [{"named": CLUSTER}, {"tag": CONSENT}])
def test_a_config_map_or_a_tag_consents(marks: dict[str, str]) -> None:
    """Either is enough."""
    require_consent(cloud(**marks).read, CLUSTER)


@pytest.mark.parametrize("marks", [{"named": "cls-other001"}, {"tag": "something-else"}])
def test_what_was_said_of_something_else_does_not(marks: dict[str, str]) -> None:
    """A kubeconfig leads to one cluster, and --cluster to another."""
    with pytest.raises(NoConsentError):
        require_consent(cloud(**marks).read, CLUSTER)


@pytest.mark.parametrize("value", ["no", "No", "false", "FALSE", "off", "0", ""])
def test_a_tag_that_says_no_does_not(value: str) -> None:
    """The key alone is no consent."""
    with pytest.raises(NoConsentError):
        require_consent(cloud(tag=CONSENT, value=value).read, CLUSTER)


def test_a_refused_read_is_no_consent() -> None:
    """Neither may be read: nothing is known, so nothing is changed."""
    refusing = cloud(named=CLUSTER, tag=CONSENT)
    refusing.faults.set("denied", "kubernetes get configmaps", times=None)
    refusing.faults.set("denied", "DescribeClusters", times=None)

    with pytest.raises(NoConsentError):
        require_consent(refusing.read, CLUSTER)


def test_a_cluster_that_nobody_can_name_has_not_consented() -> None:
    """No ConfigMap names "" either: the two were the same."""
    with pytest.raises(NoConsentError, match="which cluster this is"):
        require_consent(cloud().read, "")
