"""A self-check in words: its questions, the feedback on an answer, another question like one, and the score."""

from collections.abc import Callable, Sequence

from drilllib.core.lint.findings import Statement
from drilllib.core.quiz.drawn import like
from drilllib.core.quiz.questions import QuizQuestion, Texts
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.catalog import say

LETTERS = "abcdef"
FirstTry = Callable[[str, bool], None]


class QuizText:
    """
    The questions of one lesson, called *name*. The text has questions and options, never the answers.

    The first answer to a question counts, and *on_first* is told the question's key and whether that was right.
    """

    def __init__(
        self, questions: Sequence[QuizQuestion], language: str, name: str = "", on_first: FirstTry | None = None
    ) -> None:
        self.questions, self._language, self._name = list(questions), language, name
        self._on_first = on_first
        self.tries: list[list[int]] = [[] for _ in questions]  # the options tried of each question shown
        self.drawn = [0 for _ in questions]  # how many others like it were asked for
        self.marks: dict[tuple[int, int], bool] = {}  # by place and number: was the first answer right?

    def answer(self, number: int, letter: str) -> str:
        """
        The feedback on the option called *letter* of question *number*, counted from 1.

        Raises:
            InvalidInputError: There is no such question or option.
        """
        place = self._place(number)
        chosen = option_place(letter, len(self.questions[place].options))
        self.choose(place, chosen)
        return self.feedback(place, chosen)

    def another(self, number: int) -> str:
        """
        Ask another question like number *number*, in its place.

        Raises:
            InvalidInputError: There is no such question.
        """
        place = self._place(number)
        self.draw(place)
        return self._block(place)

    def _place(self, number: int) -> int:
        number = int(number) if str(number).isdecimal() else number
        if number not in range(1, len(self.questions) + 1):
            raise InvalidInputError(
                "The question is {number}",
                remedy="Use a number from 1 to {count}",
                number=quoted(number),
                count=len(self.questions),
            )
        return number - 1

    def choose(self, place: int, option: int) -> None:
        """Take an answer; question and option are counted from 0. Once the right one is found, nothing changes."""
        if self.is_found(place) or option in self.tries[place]:
            return
        self.tries[place].append(option)
        if len(self.tries[place]) == 1:
            right = self.is_found(place)
            self.marks[place, self.drawn[place]] = right
            if self._on_first:
                self._on_first(f"{place + 1}.{self.drawn[place]}", right)

    def draw(self, place: int) -> None:
        """Put another question like it in the place of one, counted from 0."""
        self.drawn[place] += 1
        self.tries[place] = []
        self.questions[place] = like(self.questions[place], f"{self._name}/{place + 1}/{self.drawn[place]}")

    def is_found(self, place: int) -> bool:
        """Has the right option been chosen?"""
        return bool(self.tries[place]) and self.tries[place][-1] == self.questions[place].right()

    def feedback(self, place: int, chosen: int) -> str:
        """The feedback on an option; question and option are counted from 0."""
        question = self.questions[place]
        verdict = say(self._language, "quiz_right" if chosen == question.right() else "quiz_wrong")
        return f"{verdict} {words(question.options[chosen].feedback, self._language)}"

    def score(self) -> str:
        """How many of the questions answered so far were right at the first try."""
        right = sum(self.marks.values())
        return say(self._language, "quiz_score", right=right, count=len(self.marks)) if self.marks else ""

    def labels(self, question: QuizQuestion) -> list[str]:
        """The options with their letters."""
        pairs = zip(LETTERS, question.options, strict=False)
        return [f"{letter}) {words(option.text, self._language)}" for letter, option in pairs]

    def _block(self, place: int) -> str:
        question = self.questions[place]
        lines = [f"{place + 1}. {words(question.text, self._language)}"]
        return "\n".join([*lines, *(f"   {label}" for label in self.labels(question))])

    def __repr__(self) -> str:
        blocks = [self._block(place) for place in range(len(self.questions))]
        return "\n\n".join([say(self._language, "quiz_help"), *blocks, say(self._language, "quiz_typed")])


def words(text: Texts, language: str) -> str:
    """What a question, an option or its feedback says."""
    return say(language, text.key, **text.facts) if isinstance(text, Statement) else text[language]


def option_place(letter: object, count: int) -> int:
    """
    The place of the option with this letter, of *count* options.

    Raises:
        InvalidInputError: There is no such option.
    """
    letters = LETTERS[:count]
    letter = letter.lower() if isinstance(letter, str) else letter
    if not isinstance(letter, str) or len(letter) != 1 or letter not in letters:
        raise InvalidInputError(
            "The answer is {letter}", remedy="Use one of {choices}", letter=quoted(letter), choices=", ".join(letters)
        )
    return letters.index(letter)
