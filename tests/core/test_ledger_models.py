"""The tables name every field that the vendor's SDK and Kubernetes' client know, and none that they do not."""

import runpy
from pathlib import Path

import pytest
from ledger_models import invented, unlisted
from tencentcloud.clb.v20180317 import models as clb
from tencentcloud.cvm.v20170312 import models as cvm
from tencentcloud.tke.v20180525 import models as tke
from tencentcloud.vpc.v20170312 import models as vpc

from drilllib.core.snapshot.ledger.clb import CLB_KINDS
from drilllib.core.snapshot.ledger.cloud import CLOUD_KINDS
from drilllib.core.snapshot.ledger.kubernetes import KUBERNETES_KINDS
from drilllib.core.snapshot.ledger.tables import Fine, Kind, only

KINDS = {kind.name: kind for kind in (*CLB_KINDS, *CLOUD_KINDS, *KUBERNETES_KINDS)}
DOCS = Path(__file__).parents[2] / "docs"
MODULES = (cvm, tke, clb, vpc)  # in this order: tke has another Instance, clb another Cluster
# What a snapshot has in an object beside the fields of its model, and where that comes from.
BESIDE = {
    "Listener": {"Targets"},  # ListenerBackend
    "RuleOutput": {"Targets", "FunctionTargets"},  # RuleTargets
    "SecurityGroup": {"SecurityGroupPolicySet", "RequestId"},  # DescribeSecurityGroupPolicies
    # docs/snapshot.md
    "Cluster": {"NetworkType", "VpcCniType", "KubeProxyMode", "eniipamd", "networkpolicy", "controller_config"},
}
BELOW = [  # models whose fields come into an object, or stand in one of its fields
    ("Listener", clb.ListenerBackend),
    ("RuleOutput", clb.RuleTargets),
]
RESOURCES = ("SecurityGroupPolicy (pods)", "NodeENIConfig")  # TKE's own, which no client has


def model_of(kind: Kind) -> type:
    """The type that a table is about."""
    from kubernetes.client import models

    found = getattr(models, f"V1{kind.name}", None) if kind in KUBERNETES_KINDS else None
    return found or next(getattr(module, kind.name) for module in MODULES if hasattr(module, kind.name))


@pytest.mark.parametrize("name", [name for name in KINDS if name not in RESOURCES])
def test_a_table_names_every_field_of_its_model(name: str) -> None:
    """A field that the vendor adds is a doubt until somebody has read what it means; this test says so first."""
    assert list(unlisted(KINDS[name].tree, model_of(KINDS[name]))) == []


@pytest.mark.parametrize("name", [name for name in KINDS if name not in RESOURCES])
def test_a_table_names_no_field_that_its_model_lacks(name: str) -> None:
    """A misspelt field would stand in the table, and the real one would be unknown."""
    assert set(invented(KINDS[name].tree, model_of(KINDS[name]))) == BESIDE.get(name, set())


@pytest.mark.parametrize(("name", "model"), BELOW)
def test_what_is_put_into_an_object_from_another_answer_is_named(name: str, model: type) -> None:
    """docs/snapshot.md tells users to put the targets of DescribeTargets into a listener; some put in all of it."""
    assert list(unlisted(KINDS[name].tree, model)) == []


def test_the_lists_of_rules_are_named() -> None:
    """The set stands in a group's object under a name of its own."""
    tree = KINDS["SecurityGroup"].tree["SecurityGroupPolicySet"]

    assert isinstance(tree, dict)
    assert (list(unlisted(tree, vpc.SecurityGroupPolicySet)), list(invented(tree, vpc.SecurityGroupPolicySet))) == (
        [],
        [],
    )


def test_a_new_field_of_a_model_is_noticed() -> None:
    """A comparison that finds nothing protects nothing."""
    kind = Kind("Backend", "", read="Type PrivateIpAddresses Prt", harmless="", fine={"Weight": only(1, why="")})

    assert {"Port", "InstanceId"} <= set(unlisted(kind.tree, clb.Backend))
    assert list(invented(kind.tree, clb.Backend)) == ["Prt"]


def test_a_new_field_deep_in_a_model_is_noticed() -> None:
    """Tables go as deep as it matters."""
    from kubernetes.client.models import V1Service

    kind = Kind("Service", "", read="spec.type spec.ports[].port spec.ports[].prt", harmless="metadata status kind")

    assert {"apiVersion", "spec.clusterIP", "spec.ports.nodePort"} <= set(unlisted(kind.tree, V1Service))
    assert list(invented(kind.tree, V1Service)) == ["spec.ports.prt"]


def test_notes_are_about_fields_of_their_table() -> None:
    """A note on a field that moved says nothing."""
    for kind in KINDS.values():
        named = {*kind.read.split(), *kind.harmless.split(), "metadata.deletionTimestamp"}
        assert set(kind.notes) - named == set(), kind.name


def test_every_limit_says_why() -> None:
    """A reader of docs/fields.md must see what another value may mean."""
    limits = [rule for kind in KINDS.values() for rule in kind.fine.values()]

    assert all(isinstance(rule, Fine) and rule.why for rule in limits)


def test_the_page_is_what_the_tables_make() -> None:
    """Edits go into the tables; `python docs/fields.py` makes docs/fields.md."""
    made = runpy.run_path(str(DOCS / "fields.py"))

    assert (DOCS / "fields.md").read_text(encoding="utf-8") == made["page"]()
