"""What a drawing of the path is made of: cards for places, arrows, lanes, and steps to play. Words only, no sizes."""

from dataclasses import dataclass
from typing import Literal

CLIENT = "client"  # the key of the client's card

Look = Literal["", "ok", "no", "unknown"]  # neutral, passed, dropped, cannot be told
StepLook = Literal["goes", "dropped", "waits", "answers", "unknown"]
State = Literal["plain", "passed", "stopped", "unreached", "unknown"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its colour and sign; *more* stands beside it and is quiet."""

    text: str
    look: Look = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What groups, or NetworkPolicies, saw and decided. *title* says which, *packet* what they saw.

    *place* is the rule's, such as ``sg-node0001[2]``; *rule* the rule without its action. *why* has words where no
    rule decided.
    """

    title: str
    packet: str
    verdict: Word
    place: str = ""
    rule: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """The place on the rail where a host's groups stand, with their number on the path; *look* is "" if unreached."""

    number: str
    look: Look


@dataclass(frozen=True, slots=True)
class Card:
    """
    One place. *key* identifies it across answers, and *column* is its distance from the client.

    *answer* is what a client gets, *health* a target's; *like* counts others that no check tells apart. *cause* is a
    reason other than a group, its code first. *missing* are facts. *band* ends the card: where the packet got to.
    *details* tell everything that happened here, *groups* are those asked. *seen* is what a learner's own looks showed
    here, "no" where they showed nothing.
    """

    key: str
    kind: str
    column: int
    state: State
    name: str
    address: str
    gate: Gate | None = None
    answer: Word | None = None
    health: Word | None = None
    like: str = ""
    asked: tuple[Asked, ...] = ()
    cause: Word | None = None
    missing: tuple[str, ...] = ()
    band: str = ""
    details: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    seen: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """
    From card to card: the packet's addresses on this stretch, which of them are *new* on it, and by what (*tag*).

    *hypothetical*: no packet came this far.
    """

    before: str
    after: str
    tag: str
    source: str
    destination: str
    new: tuple[Literal["source", "destination"], ...]
    hypothetical: bool


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of a packet: where it is (*card*; *gate*: at the groups before it) and what happens, in a sentence.

    *because* names the rule. *look*: it goes on, is dropped, is waited for, an answer comes, or nobody can tell.
    *before* has the addresses that this step replaced.
    """

    card: str
    gate: bool
    look: StepLook
    says: str
    because: str = ""
    source: str = ""
    destination: str = ""
    before: tuple[str, str] = ("", "")
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One path, or a kind of paths: the keys of its *cards* from the client on. *folded*: shown on request."""

    cards: tuple[str, ...]
    title: str = ""
    outcome: Word | None = None
    steps: tuple[Step, ...] = ()
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What is not known, and how requests fare either way."""

    missing: tuple[str, ...]
    either_way: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing. *played* is the lane to play, *left_out* how many paths are not drawn."""

    title: str
    cards: tuple[Card, ...]
    arrows: tuple[Arrow, ...]
    lanes: tuple[Lane, ...]
    played: int = 0
    left_out: int = 0
    note: Note | None = None
