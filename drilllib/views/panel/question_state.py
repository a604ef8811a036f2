"""What the page of a prediction or a quiz shows (page/question.js), and what it sends back."""

from collections.abc import Mapping
from typing import Literal, TypedDict, TypeGuard, get_args

Mark = Literal["", "right", "wrong"]
Look = Literal["", "right", "wrong", "missed"]
Deed = Literal["choose", "record", "another"]
DEEDS: tuple[Deed, ...] = get_args(Deed)


class OptionState(TypedDict):
    """An option; *feedback* stands below it, and both it and *mark* are empty until the learner may know."""

    text: str
    mark: Mark
    feedback: str


class QuestionState(TypedDict):
    """
    A question. *chosen* is the place of the choice that counts, -1 before; *locked*: it cannot be changed any more.

    *record* and *more* name the buttons, which are not there where that is empty. *rows* are pairs of a label and a
    text, *why* sentences below them, *status* what is said in one line meanwhile.
    """

    text: str
    options: list[OptionState]
    chosen: int
    locked: bool
    record: str
    more: str
    status: str
    look: Look
    rows: list[tuple[str, str]]
    why: list[str]


class QuestionsState(TypedDict):
    """All questions of one widget. *title* stands above them, *score* below."""

    title: str
    questions: list[QuestionState]
    score: str
    marks: list[Look]


class Told(TypedDict):
    """What the learner did: recorded or chose an *option* of a *question*, or asked for another one like it."""

    do: Deed
    question: int
    option: int


def read_told(message: object, questions: list[QuestionState]) -> Told | None:
    """The message of a page, which may be older than the kernel; None where it makes no sense here."""
    if not isinstance(message, Mapping):
        return None
    do, question, option = message.get("do"), message.get("question"), message.get("option", 0)
    if not _is_place(question, len(questions)) or not _is_place(option, len(questions[question]["options"])):
        return None
    known = next((each for each in DEEDS if each == do), None)
    return None if known is None else {"do": known, "question": question, "option": option}


def _is_place(value: object, count: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count
