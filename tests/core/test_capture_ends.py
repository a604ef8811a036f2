"""A capture ends whatever is answered: refusals anywhere, empty and odd answers, and ids that nobody has heard of."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind, Wanted
from drilllib.core.capture.commands import argv, command, file_name
from drilllib.core.capture.paging import ROWS
from drilllib.core.capture.permissions import CAM_ACTIONS, permissions, policy
from drilllib.core.capture.plan import needed
from tests.core.capture_reader import Reader, capture
from tests.core.capture_worlds import cluster
from tests.thorough import how_many

MOST_ROUNDS = 15  # halving a hundred ids takes seven
MANY = how_many(120, thorough=1_000, long=50_000)
WANTED = (Wanted("shop/web"), Wanted(load_balancer="lb-real0001"), Wanted("shop/web", cluster="cls-real0001"), Wanted())
ODD: tuple[Any, ...] = (
    None,
    0,
    -1,
    True,
    "",
    "x",
    "\0",
    [],
    {},
    [None],
    [{}],
    {"items": [None]},
    1e300,
    "lb-a,lb-b",
    [[[]]],
)
KINDS = ("lb", "ins", "sg", "vpc", "cls", "ipm", "ipmg", "ppm", "ppmg", "eks", "eni")


def rounds(read: Callable[[Ask], Answer], wanted: Wanted) -> list[tuple[Ask, ...]]:
    """The rounds of a capture; each ask comes once, and each can be printed, saved and granted."""
    answers: list[Answer] = []
    found: list[tuple[Ask, ...]] = []
    while asks := needed(answers, wanted):
        assert len(found) < MOST_ROUNDS, asks
        found.append(asks)
        answers += map(read, asks)
    every = [ask for asks in found for ask in asks]
    assert len(set(every)) == len(every)
    assert len({file_name(each) for each in every}) == len(every)
    assert all(argv(each) and command(each) and permissions(each) for each in every)
    assert policy(every).cam_text
    assert {each.action for each in every if isinstance(each, CloudCall)} <= set(CAM_ACTIONS)
    return found


@pytest.mark.parametrize("wanted", WANTED)
def test_each_right_refused_in_turn_still_ends(wanted: Wanted) -> None:
    document = cluster(3)
    reader = Reader(document)
    capture(reader, wanted)
    for refused in dict.fromkeys(reader.calls):
        rounds(Reader(document, lambda ask, this=refused: ask == this).read, wanted)
    for action in CAM_ACTIONS:
        rounds(Reader(document, lambda ask, name=action: getattr(ask, "action", "") == name).read, wanted)


def test_refusals_anywhere_still_end() -> None:
    document = cluster(5, 9)
    for seed in range(MANY):
        draw = random.Random(seed)
        share = draw.random()
        reader = Reader(document, lambda ask, draw=draw, share=share: draw.random() < share)
        rounds(reader.read, draw.choice(WANTED))


def test_odd_answers_still_end() -> None:
    """Real objects with anything in any place, and new ids in every answer."""
    document = cluster(3)
    for seed in range(MANY):
        draw = random.Random(seed)
        reader = Reader(document)
        rounds(lambda ask, draw=draw, reader=reader: spoilt(reader.read(ask), draw), draw.choice(WANTED))


def spoilt(answer: Answer, draw: random.Random) -> Answer:
    """An answer with some of its values replaced, and with rows that nobody asked for."""
    if draw.random() < 0.1:
        kind = draw.choice(list(RefusalKind))
        return Answer(answer.ask, refusal=Refusal(kind, draw.choice(("InvalidInstanceId.NotFound", "X"))))
    pages = tuple(changed(dict(page), draw) for page in answer.pages)
    return Answer(answer.ask, (*pages, *([invented(answer.ask, draw)] if draw.random() < 0.3 else [])), answer.refusal)


def changed(value: Any, draw: random.Random, depth: int = 0) -> Any:
    if depth and draw.random() < 0.03:
        return draw.choice(ODD)
    if isinstance(value, dict):
        return {key: changed(each, draw, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [changed(each, draw, depth + 1) for each in value]
    is_id = isinstance(value, str) and value.partition("-")[0] in KINDS
    return new_id(draw) if is_id and draw.random() < 0.2 else value


def new_id(draw: random.Random, kind: str = "") -> str:
    return f"{kind or draw.choice(KINDS)}-{draw.randrange(10**8):08d}"


def invented(ask: Ask | None, draw: random.Random) -> dict[str, Any]:
    """A page with a row of new ids only: what would make a capture endless if an answer led back."""
    if isinstance(ask, KubernetesRead):
        annotations = {"service.kubernetes.io/loadbalance-id": new_id(draw, "lb")}
        metadata = {"name": new_id(draw), "namespace": new_id(draw), "annotations": annotations}
        return {"items": [{"kind": "Service", "metadata": metadata, "spec": {"type": "LoadBalancer"}}]}
    assert ask is not None
    listed, name = ROWS.get(ask.action, ("SecurityGroupPolicySet", "x"))
    row = {name: new_id(draw), "SecureGroups": [new_id(draw, "sg")], "GroupSet": [new_id(draw, "sg")]}
    row |= {"SecurityGroupIds": [new_id(draw, "sg")], "Targets": [{"InstanceId": new_id(draw, "ins")}]}
    rules = [{"SecurityGroupId": new_id(draw, "sg"), "AddressTemplate": {"AddressGroupId": new_id(draw, "ipmg")}}]
    return {listed: {"Ingress": rules} if name == "x" else [row], "TotalCount": draw.choice(ODD)}
