"""The cloud's memory: ids that nothing has yet."""

import json
import re
import time
from pathlib import Path

from drilllib import cloud
from drilllib.cloud.state import CloudState
from drilllib.core.drills.default_lab import default_lab
from drilllib.core.snapshot.schema import NOT_READ, SNAPSHOT


def test_an_id_that_something_has_is_never_given_out() -> None:
    """With a seed the sequence begins anew after a restart, and the ids of before are still there."""
    state = CloudState(default_lab(), seed=5)
    taken = [state.new_id("sg"), state.new_id("web-7d9f", 5)]
    lab = {**default_lab(), "kubernetes": [{"kind": "Pod", "metadata": {"name": taken[1]}}]}
    lab["security_groups"][taken[0]] = {"SecurityGroupPolicySet": {"Ingress": [], "Egress": []}}
    again = CloudState(json.loads(json.dumps(lab)), seed=5)

    assert again.new_id("sg") not in taken
    assert CloudState(lab, seed=5).new_id("web-7d9f", 5) not in taken


def test_a_uid_that_something_has_is_never_given_out() -> None:
    uid = CloudState(default_lab(), seed=5).new_uid()
    lab = {**default_lab(), "kubernetes": [{"kind": "Pod", "metadata": {"name": "web", "uid": uid}}]}

    assert CloudState(lab, seed=5).new_uid() != uid


def test_seeded_ids_stay_when_something_else_is_made_before_them() -> None:
    """The notebooks' stored outputs show such ids: one more Event must not change the name of a pod."""
    first, second = CloudState(default_lab(), seed=5), CloudState(default_lab(), seed=5)
    for _ in range(3):
        second.new_uid(), second.new_id("sg")

    assert first.new_id("lb") == second.new_id("lb")
    assert first.new_id("sg") != second.new_id("sg")


def test_an_id_costs_the_same_in_a_large_cloud() -> None:
    """It is looked up, not searched for in the whole document."""
    lab = default_lab()
    for number in range(2000):
        rules = [{"Action": "ACCEPT", "Protocol": "ALL", "CidrBlock": "10.0.0.0/8", "Port": "ALL"}]
        lab["security_groups"][f"sg-{number:08}"] = {"SecurityGroupPolicySet": {"Ingress": rules, "Egress": rules}}
    state = CloudState(lab)
    started = time.perf_counter()
    ids = {state.new_id("sg") for _ in range(1000)}

    assert len(ids) == 1000
    assert time.perf_counter() - started < 1


def test_a_state_file_keeps_its_mode(tmp_path: Path) -> None:
    """Who hid it from others did so on purpose."""
    file = tmp_path / "cloud.json"
    state = CloudState(default_lab(), file=file)
    for mode in (0o644, 0o600):
        with state.writing():
            pass
        assert file.stat().st_mode & 0o777 == mode
        file.chmod(0o600)


PART = re.compile(r'document(?:\.get\(|\.setdefault\(|\[)"(\w+)"|call\.document, "(\w+)"|^PART = "(\w+)"', re.MULTILINE)


def test_every_part_that_the_cloud_keeps_is_one_the_engine_knows() -> None:
    """A part that it does not know is a doubt about every answer: `curl` in the cloud's shell would answer nothing."""
    sources = [path.read_text(encoding="utf-8") for path in Path(cloud.__file__).parent.rglob("*.py")]
    kept = {name for text in sources for pair in PART.findall(text) for name in pair if name}

    assert {"addons", "cloud", "node_pools", "virtual_node_pools"} <= kept
    assert kept <= {*NOT_READ, *(name.removesuffix("?") for name in SNAPSHOT)}
