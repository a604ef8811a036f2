"""The Linux kernel decides a hundred thousand random flows with real packets, and the engine decides the same."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from broken_engines import BROKEN, Engine

import drilllib
from drilllib.core.rules.members import Reference
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import PROTOCOLS, Action, Decision, Direction, Flow, SecurityGroup, decide
from drilllib.errors import InvalidInputError, LabStateError
from drilllib.labs.netns.sandbox import SBIN
from drilllib.labs.netns.verify import packets
from drilllib.labs.netns.verify.decisions import Report, check_decisions
from drilllib.labs.netns.verify.packets import Answer, Witness
from drilllib.labs.netns.verify.random_groups import draw
from tests.thorough import how_many

SEED, SETS, FLOWS = 20260, how_many(115, thorough=150, long=230), how_many(400, thorough=1000)
PLAIN_USER = 1000


@pytest.fixture(scope="module")
def report(needs_namespaces: None) -> Report:
    return check_decisions(SEED, SETS, FLOWS)


@pytest.fixture(scope="module")
def witness(needs_namespaces: None) -> Iterator[Witness]:
    with Witness() as found:
        yield found


def group(group_id: str, *, ingress: tuple[str, ...] = (), egress: tuple[str, ...] = ()) -> SecurityGroup:
    return SecurityGroup(group_id, *(tuple(map(rule_from_text, lines)) for lines in (ingress, egress)))


def flow(protocol: str, peer: str, port: int | None = None) -> Flow:
    return Flow(protocol=protocol, peer=ip_address(peer), port=port)


def test_engine_and_kernel_agree_on_every_verdict_and_rule(report: Report) -> None:
    """The one thing this library must never get wrong."""
    assert report.disagreements == []
    assert report.undetermined == 0
    assert report.agrees
    assert report.decisions == SETS * FLOWS >= how_many(40_000, thorough=100_000)
    assert report.group_sets == SETS >= 100
    assert report.several_groups > SETS / 3


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("family", [4, 6])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_kind_of_flow_is_accepted_and_dropped_often(
    report: Report, protocol: str, family: int, direction: Direction
) -> None:
    """Agreement on nothing but drops would prove little."""
    kind = {"protocol": protocol, "family": family, "direction": direction}
    accepted, dropped = (report.count(action=each, **kind) for each in (Action.ACCEPT, Action.DROP))

    assert min(accepted, dropped) > FLOWS / 2
    assert min(accepted, dropped) / (accepted + dropped) > 0.1


def test_both_meet_rules_and_not_only_the_implicit_deny() -> None:
    """Most flows are decided by a rule, deep ones among them, and by the second and third group too."""
    decisions = [decide(drawn.groups, *asked) for drawn in _drawn(60) for asked in drawn.questions]
    by_rule = [each for each in decisions if each.group]

    assert 0.4 < len(by_rule) / len(decisions) < 0.9
    assert {each.group for each in by_rule} == {"sg-a", "sg-b", "sg-c"}
    assert max(each.policy_index for each in by_rule) > 12


def test_the_rules_drawn_are_of_every_form() -> None:
    """A form that is never drawn is never compared."""
    groups = [each for drawn in _drawn(SETS, 0) for each in drawn.groups]
    lists = [rules for each in groups for rules in (each.ingress, each.egress)]
    rules = [rule for each in lists for rule in each]
    blocks = [rule.peer for rule in rules if not isinstance(rule.peer, Reference)]

    assert {0, 1, 12} <= {len(each) for each in lists}
    assert max(map(len, lists)) > 80
    assert {(each.version, each.prefixlen) for each in blocks} >= {(4, length) for length in range(33)}
    assert len({each.prefixlen for each in blocks if each.version == 6}) > 90
    assert {rule.protocol for rule in rules} == {*PROTOCOLS, "ALL"}
    assert {each.name for rule in rules for each in rule.references} == {
        *("ipm-a", "ipm-b", "ipmg-a", "ppm-a", "ppm-b", "ppmg-a", "sg-peers", "sg-others", "sg-nobody"),
    }
    assert any(len(rule.ports or ()) == 3 for rule in rules)
    assert any((1, 65535) in (rule.ports or ()) for rule in rules)


def test_a_seed_draws_the_same_again() -> None:
    """A disagreement is told by its seed."""
    assert draw(7, 3, 50) == draw(7, 3, 50)
    assert draw(7, 3, 50).questions != draw(7, 4, 50).questions


@pytest.mark.parametrize("engine", BROKEN.values(), ids=BROKEN)
def test_a_broken_engine_is_caught(engine: Engine, needs_namespaces: None) -> None:
    """A comparison that finds nothing has to be one that would."""
    report = check_decisions(SEED, 8, 500, decide=engine)

    assert not report.agrees
    assert report.disagreements
    assert all(each.startswith(f"seed {SEED}/") and "\n" not in each for each in report.disagreements)


def test_a_disagreement_tells_all_that_it_takes_to_see_it_again(needs_namespaces: None) -> None:
    """Flow, both answers, every rule that was asked, and what their names stand for."""
    text = check_decisions(1, 1, 300, decide=BROKEN["policy indexes begin at 1"]).disagreements[0]
    drawn = draw(1, 0, 300)
    direction, asked = next((each, flow) for each, flow in drawn.questions if decide(drawn.groups, each, flow).group)
    found = decide(drawn.groups, direction, asked)

    assert f"{direction} {asked.protocol} {asked.peer}" in text
    assert f"engine {found.action} by {found.group}[{found.policy_index + 1}]" in text
    assert f"kernel {found.action} by {found.group}[{found.policy_index}]" in text
    assert all(rule.text in text for each in drawn.groups for rule in each.rules(direction))
    assert all(f"{name}={','.join(members)}" in text for name, members in drawn.members.items())


def test_what_the_engine_leaves_undetermined_is_no_agreement(needs_namespaces: None) -> None:
    """An engine that answers nothing would otherwise agree with everybody."""
    report = check_decisions(1, 1, 100, decide=lambda groups, way, flow: Decision(Action.UNDETERMINED, way))

    assert (report.decisions, report.undetermined, report.agrees) == (0, 100, False)


def test_the_kernel_names_group_and_index_or_the_implicit_deny(witness: Witness) -> None:
    """One of each, so that the rest can be believed."""
    first = group("sg-first", ingress=("DROP TCP 203.0.113.0/24 80", "ACCEPT UDP 2001:db8::/32 53"))
    second = group("sg-second", ingress=("ACCEPT TCP 0.0.0.0/0 ALL",), egress=("ACCEPT GRE 10.0.0.0/8",))

    assert witness.answers(
        [first, second],
        [
            (Direction.INGRESS, flow("TCP", "203.0.113.9", 80)),
            (Direction.INGRESS, flow("TCP", "203.0.113.9", 81)),
            (Direction.INGRESS, flow("UDP", "2001:db8::9", 53)),
            (Direction.EGRESS, flow("GRE", "10.1.1.1")),
            (Direction.EGRESS, flow("GRE", "11.1.1.1")),
        ],
    ) == [
        Answer(Action.DROP, "sg-first", 0),
        Answer(Action.ACCEPT, "sg-second", 0),
        Answer(Action.ACCEPT, "sg-first", 1),
        Answer(Action.ACCEPT, "sg-second", 0),
        Answer(Action.DROP, None, None),
    ]


def test_no_packet_is_taken_for_the_reply_to_another(witness: Witness) -> None:
    """Else what an earlier packet opened would hide how a later one is decided."""
    outward = group("sg-outward", egress=("ACCEPT GRE 10.0.0.0/8",))
    there, back = ((each, flow("GRE", "10.1.1.1")) for each in (Direction.EGRESS, Direction.INGRESS))

    assert [each.action for each in witness.answers([outward], [there, back, there])] == ["ACCEPT", "DROP", "ACCEPT"]
    assert [each.action for each in witness.answers([outward], [back])] == ["DROP"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "224.0.0.1", "255.255.255.255", "fe80::1", "ff02::1", "::"])
def test_a_peer_that_routing_drops_is_refused(witness: Witness, peer: str) -> None:
    """A drop by routing must never pass for one by a rule."""
    with pytest.raises(InvalidInputError, match="Routing may drop"):
        witness.answers([group("sg-a")], [(Direction.INGRESS, flow("TCP", peer, 80))])


def test_a_packet_that_met_no_rule_is_lost_and_not_dropped(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losing one on the way must not look like a verdict."""
    monkeypatch.setattr(packets, "_mark", lambda number, index: "")

    with pytest.raises(LabStateError, match="got lost before any rule"):
        witness.answers([group("sg-a")], [(Direction.INGRESS, flow("TCP", "10.0.0.1", 80))])


def test_a_closed_witness_says_so(needs_namespaces: None) -> None:
    """And closing twice does no harm."""
    witness = Witness()
    witness.close()
    witness.close()

    with pytest.raises(LabStateError, match="has ended"):
        witness.answers([group("sg-a")], [])


def test_it_works_for_a_plain_user_too(needs_namespaces: None) -> None:
    """In a user namespace, with no right on the machine itself."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        shutil.copytree(Path(drilllib.__file__).parent, Path(folder, "drilllib"))
        ran = subprocess.run(
            [
                _python_for_all(),
                "-m",
                "drilllib",
                "verify",
                "--lab",
                "netns",
                "--decisions",
                "5000",
                "--paths",
                "10",
                "--seed",
                "5",
            ],
            cwd=folder,
            env={"PATH": f"/usr/bin:/bin:{SBIN}", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            **_as_plain_user(),
        )

    assert ran.stderr == ""
    assert "5,000 decisions, 5 sets of groups, seed 5: no disagreement" in ran.stdout
    assert ran.returncode == 0


def _as_plain_user() -> dict[str, object]:
    return {"user": PLAIN_USER, "group": PLAIN_USER, "extra_groups": []} if os.geteuid() == 0 else {}


def _python_for_all() -> str:
    """A Python that a plain user may run, who may also make namespaces; skips where there is none."""
    unshare = ["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "true"]
    tried = subprocess.run(unshare, capture_output=True, text=True, check=False, **_as_plain_user())
    if tried.returncode != 0:
        pytest.skip(f"a plain user may not make namespaces here: {tried.stderr.strip()}")
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            code = "import sys; sys.exit(sys.version_info < (3, 11))"
            if subprocess.run([python, "-c", code], check=False, cwd="/", **_as_plain_user()).returncode == 0:
                return python
        except OSError:
            continue
    pytest.skip("there is no Python 3.11 or later here that a plain user may run")


def _drawn(sets: int, flows: int = 200) -> Iterator:
    return (draw(SEED, number, flows) for number in range(sets))
