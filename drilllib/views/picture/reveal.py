"""How much of a scene a learner gets to see. What a level hides is taken out here, so that no page has it."""

from dataclasses import replace
from typing import Literal

from drilllib.views.picture.parts import Arrow, Card, Gate, Lane, Scene, Word

Level = Literal[1, 2, 3]  # the symptom and the places; also where it stops; everything


def revealed(drawn: Scene, level: Level) -> Scene:
    """
    The scene at a level of reveal.

    At 1 there are names, addresses and what the client gets; at 2 verdicts and what is played, but no rule and no
    place of one; at 3 everything.
    """
    if level == 3:
        return drawn
    if level == 2:
        lanes = tuple(_without_rules(lane) for lane in drawn.lanes)
        return replace(drawn, cards=tuple(map(_without_rule, drawn.cards)), lanes=lanes)
    return Scene(
        title=drawn.title,
        cards=tuple(sorted(map(_place, drawn.cards), key=lambda card: (card.column, card.key))),
        arrows=tuple(sorted((_bare(arrow) for arrow in drawn.arrows), key=lambda arrow: (arrow.before, arrow.after))),
        lanes=tuple(Lane(cards) for cards in sorted(lane.cards for lane in drawn.lanes)),  # not the broken ones last
        left_out=drawn.left_out,
    )


def _without_rule(card: Card) -> Card:
    asked = tuple(replace(each, place="", rule="", why="") for each in card.asked)
    return replace(card, asked=asked, details=())


def _without_rules(lane: Lane) -> Lane:
    return replace(lane, steps=tuple(replace(step, because="") for step in lane.steps))


def _place(card: Card) -> Card:
    """A place to point at."""
    gate = Gate(card.gate.number, "") if card.gate else None
    answer = Word(card.answer.text, "", card.answer.more) if card.answer else None
    return Card(card.key, card.kind, card.column, "plain", card.name, card.address, gate=gate, answer=answer)


def _bare(arrow: Arrow) -> Arrow:
    return Arrow(arrow.before, arrow.after, "", "", "", (), False)
