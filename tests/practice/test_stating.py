"""A statement is understood however it is typed, and refused where it says less than a cause."""

import pytest

from drilllib.core.drills.worlds.make import make_world
from drilllib.core.drills.worlds.world import Cause, CauseKind
from drilllib.core.rules.rules import Direction
from drilllib.errors import DrillError
from drilllib.practice.library import drill
from drilllib.practice.stating import stated
from drilllib.views.text.practice import stated_text

WORLD = make_world(drill("node-source"), 7, 1)
SNAPSHOT = WORLD.snapshot
LB, (NODE, OTHER) = SNAPSHOT.load_balancers[0].balancer_id, SNAPSHOT.nodes[:2]
SERVICE = WORLD.question.service or ""
GROUP = WORLD.causes[0].group


def dropped(resource: str, rule: int | None, direction: Direction = Direction.INGRESS, group: str = GROUP) -> Cause:
    return Cause(kind=CauseKind.GROUP, resource=resource, group=group, direction=direction, rule=rule)


SAID = {
    "nothing": (),
    "None": (),
    f"group {LB} {GROUP} in 0": (dropped(LB, 0),),
    f"{GROUP} at {LB} rule 2 out": (dropped(LB, 2, Direction.EGRESS),),
    f"{NODE.name} {GROUP} none": (dropped(NODE.instance_id, None),),
    f"group {NODE.instance_id} {GROUP} default ingress": (dropped(NODE.instance_id, None),),
    f"group {NODE.name} in none": (dropped(NODE.instance_id, None, group=""),),
    "selector": (Cause(kind=CauseKind.SELECTOR, resource=f"Service/{SERVICE}"),),
    f"not-ready svc/{SERVICE.partition('/')[2]}": (Cause(kind=CauseKind.NOT_READY, resource=f"Service/{SERVICE}"),),
    f"TARGET_PORT {SERVICE}": (Cause(kind=CauseKind.TARGET_PORT, resource=f"Service/{SERVICE}"),),
    f"stopped {OTHER.name}": (Cause(kind=CauseKind.STOPPED, resource=OTHER.instance_id),),
    f"listener + {LB} {GROUP} 1": (Cause(kind=CauseKind.LISTENER, resource=LB), dropped(LB, 1)),
    f"listener {LB}, selector": (
        Cause(kind=CauseKind.LISTENER, resource=LB),
        Cause(kind=CauseKind.SELECTOR, resource=f"Service/{SERVICE}"),
    ),
}


@pytest.mark.parametrize("line", SAID)
def test_a_statement_is_understood(line: str) -> None:
    assert stated(line.split(), SNAPSHOT) == SAID[line]


@pytest.mark.parametrize("line", SAID)
def test_what_was_understood_is_said_as_it_could_be_typed_again(line: str) -> None:
    """So that a misunderstanding is seen before it counts."""
    again = stated_text(SAID[line], "en").splitlines()[0].partition("state: state ")[2]
    assert stated(again.split(), SNAPSHOT) == SAID[line]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ports", "There is no cause 'ports'. State one of group, selector,"),
        ("group", "A group is stated by where it is bound"),
        (f"group {LB} {GROUP}", "none where no rule matches"),
        (f"group {LB} sg-0 0", "There is no group 'sg-0'. Use one of sg-"),
        (f"group lb-0 {GROUP} 0", "There is no 'lb-0' of which group can be stated. Use one of lb-"),
        (f"group {LB} in 0", "A group is stated by"),
        (f"group {LB} {GROUP} {GROUP} 0", "A group is stated by"),
        (f"group {LB} {GROUP} in out 0", "A group is stated by"),
        (f"group {LB} {GROUP} 9999999999", "The place is '9999999999'"),
        ("selector svc/other", "There is no 'svc/other' of which selector can be stated"),
        ("selector +", "A cause is missing"),
        ("stopped", "There is no '' of which stopped can be stated"),
        ("nothing + selector", "There is no cause 'nothing'"),
    ],
)
def test_what_says_less_than_a_cause_is_refused_with_what_is_missing(line: str, said: str) -> None:
    with pytest.raises(DrillError) as told:
        stated(line.split(), SNAPSHOT)
    assert said in str(told.value)
