"""A namespace goes only where nothing of others is in it, of whatever kind, and that is known."""

from pathlib import Path
from typing import Any

import pytest

from drilllib.cloud.kube import discovery, kinds
from drilllib.cloud.kube.kinds import Kind
from drilllib.guard.marks import DRILL
from drilllib.provision.parts import WORKLOAD
from tests.provision.playing import Play

# What a real cluster has besides the kinds of the local one; Databases are custom resources, in an older version too.
OTHERS = (
    Kind("Secret", "secrets"),
    Kind("PersistentVolumeClaim", "persistentvolumeclaims"),
    Kind("ServiceAccount", "serviceaccounts"),
    Kind("Job", "jobs", "batch"),
    Kind("CronJob", "cronjobs", "batch", "v1beta1"),
    Kind("Role", "roles", "rbac.authorization.k8s.io"),
    Kind("Database", "databases", "example.org", "v1alpha1"),
)


@pytest.fixture(autouse=True)
def _more_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cluster has those kinds too."""
    every = (*kinds.KINDS, *OTHERS)
    monkeypatch.setattr(kinds, "KINDS", every)
    monkeypatch.setattr(kinds, "BY_NAME", {each.name: each for each in every})
    monkeypatch.setattr(discovery, "SERVED", (*every, *kinds.REVIEWS))
    groups = tuple(dict.fromkeys((each.group, each.version) for each in (*every, *kinds.REVIEWS)))
    monkeypatch.setattr(discovery, "GROUPS", groups)


def put(play: Play, kind: Kind, name: str, **more: Any) -> None:
    """Somebody puts an object into the namespace of the drill."""
    metadata = {"name": name, "namespace": "shop", "uid": f"of-{name}", **more.pop("metadata", {})}
    item = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **more}
    with play.state.writing(settled=True) as document:
        document["kubernetes"].append(item)


def is_there(play: Play, kind: str, name: str) -> bool:
    with play.state.reading() as document:
        return any((each["kind"], each["metadata"]["name"]) == (kind, name) for each in document["kubernetes"])


@pytest.mark.parametrize("kind", [*OTHERS, kinds.BY_NAME["NetworkPolicy"]], ids=lambda kind: kind.name)
def test_a_namespace_with_something_of_others_stays(tmp_path: Path, kind: Kind) -> None:
    """With it; what is the drill's goes. Also where it has the label of the drill, as a copy of its objects has."""
    play = Play()
    drill = play.up(tmp_path)
    put(play, kind, "theirs", metadata={"labels": {DRILL: drill}})
    report = play.down(tmp_path)

    assert [str(each.why) for each in report.left] == [f"somebody else has put {kind.name} theirs into it"]
    assert is_there(play, kind.name, "theirs")
    assert is_there(play, "Namespace", "shop")
    assert not is_there(play, "Service", WORKLOAD)
    assert [str(each.kind) for each in play.marked()] == ["namespace"]


def test_a_copy_of_the_service_with_its_label_stays(tmp_path: Path) -> None:
    """It has another name."""
    play = Play()
    drill = play.up(tmp_path)
    put(play, kinds.SERVICE, "copy", metadata={"labels": {DRILL: drill}}, spec={"ports": [{"port": 80}]})

    assert [str(each.why) for each in play.down(tmp_path).left] == ["somebody else has put Service copy into it"]
    assert is_there(play, "Service", "copy")


def test_what_every_namespace_has_keeps_none(tmp_path: Path) -> None:
    """Its certificate, its account, the account's token of old, events; and what is made of something else there."""
    play = Play()
    play.up(tmp_path)
    put(play, kinds.CONFIG_MAP, "kube-root-ca.crt")
    put(play, OTHERS[2], "default")
    account = {"annotations": {"kubernetes.io/service-account.name": "default"}}
    put(play, OTHERS[0], "default-token-x2x4z", metadata=account, type="kubernetes.io/service-account-token")
    put(play, kinds.EVENT, "web.1")
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "gone"}
    put(play, OTHERS[0], "made", metadata={"ownerReferences": [owner]})

    assert play.down(tmp_path).left == []
    assert not is_there(play, "Namespace", "shop")


def test_what_something_outside_of_the_namespace_owns_stays(tmp_path: Path) -> None:
    """A node's, a custom resource's of the cluster: it is not looked at by itself."""
    play = Play()
    play.up(tmp_path)
    owner = {"apiVersion": "v1", "kind": "Node", "name": "node-a", "uid": "n"}
    put(play, OTHERS[0], "theirs", metadata={"ownerReferences": [owner]})

    assert [str(each.why) for each in play.down(tmp_path).left] == ["somebody else has put Secret theirs into it"]


@pytest.mark.parametrize("path", ["/apis", "/apis/example.org/v1alpha1", "/api/v1/namespaces/shop/secrets"])
def test_where_a_kind_cannot_be_looked_at_it_stays(tmp_path: Path, path: str) -> None:
    """An API that does not answer, a right that is missing: the namespace stays, the rest goes."""
    play = Play()
    play.up(tmp_path)
    play.hook = lambda number, name: "dropped" if name == f"GET {path}" else ""
    (left,) = play.down(tmp_path).left

    assert "what else is in it was not told" in str(left.why)
    assert [str(each.kind) for each in play.marked()] == ["namespace"]
    assert play.down(tmp_path).left == []
