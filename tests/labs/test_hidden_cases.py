"""The hidden faults with real packets: the captures end where the engine says that the packet was last seen."""

import pytest

from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.diagnosis import CAUSES, hosts_of, judge
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.labs.netns.lab import NetnsLab
from tests.core.test_diagnosis import ALL, TRUE, planted
from tests.labs.real import SLOWNESS, needs_real_packets

QUESTION = Question(client=CLIENT, service=SERVICE, port=80)


@needs_real_packets
@pytest.mark.parametrize(("number", "true"), [*enumerate(TRUE)])
def test_captures_end_where_the_right_statement_says(number: int, true: tuple[str, str]) -> None:
    snapshot = planted(ALL[number], "HTTP")
    hosts = hosts_of(snapshot)
    with NetnsLab(snapshot, slowness=SLOWNESS) as lab:
        _, packets = lab.watch(QUESTION, hosts)
    seen = [host for host in hosts if any("[S]," in f"{line}," for line in packets[host])]

    assert seen == list(hosts[: hosts.index(true[1]) + 1])
    assert judge(snapshot, trace(snapshot, QUESTION), true[0], seen[-1]).is_right
    assert true[0] in CAUSES
