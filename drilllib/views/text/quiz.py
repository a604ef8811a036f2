"""A self-check as text: its questions, and the feedback on a typed answer."""

from collections.abc import Sequence

from drilllib.core.quiz.questions import QuizQuestion
from drilllib.errors import InvalidInputError, quoted
from drilllib.views.phrases.catalog import say

LETTERS = "abcdef"


class QuizText:
    """The questions of one lesson. The text has questions and options, never the answers."""

    def __init__(self, questions: Sequence[QuizQuestion], language: str) -> None:
        self.questions, self._language = questions, language

    def answer(self, number: int, letter: str) -> str:
        """
        The feedback on the option called *letter* of question *number*, counted from 1.

        Raises:
            InvalidInputError: There is no such question or option.
        """
        number = int(number) if str(number).isdecimal() else number
        if number not in range(1, len(self.questions) + 1):
            raise InvalidInputError(
                "The question is {number}",
                remedy="Use a number from 1 to {count}",
                number=quoted(number),
                count=len(self.questions),
            )
        return self.feedback(number - 1, option_place(letter, len(self.questions[number - 1].options)))

    def feedback(self, place: int, chosen: int) -> str:
        """The feedback on an option; question and option are counted from 0."""
        question = self.questions[place]
        verdict = say(self._language, "quiz_right" if chosen == question.right() else "quiz_wrong")
        return f"{verdict} {question.options[chosen].feedback[self._language]}"

    def labels(self, question: QuizQuestion) -> list[str]:
        """The options with their letters."""
        pairs = zip(LETTERS, question.options, strict=False)
        return [f"{letter}) {option.text[self._language]}" for letter, option in pairs]

    def __repr__(self) -> str:
        blocks = [say(self._language, "quiz_help")]
        for number, question in enumerate(self.questions, start=1):
            lines = [f"{number}. {question.text[self._language]}"]
            lines += [f"   {label}" for label in self.labels(question)]
            blocks.append("\n".join(lines))
        blocks.append(say(self._language, "quiz_typed"))
        return "\n\n".join(blocks)


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
