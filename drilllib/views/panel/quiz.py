"""The widget of a self-check: choose an answer, read why, and ask for another question like it."""

from drilllib.views.panel.question_state import Look, OptionState, QuestionsState, QuestionState, Told
from drilllib.views.panel.questions import Questions
from drilllib.views.phrases.catalog import say
from drilllib.views.text.quiz import QuizText, words


class Quiz(Questions):
    """A `QuizText` to click in, with the feedback below each option tried. Stored notebooks keep the text."""

    def __init__(self, text: QuizText, language: str) -> None:
        self._text, self._language = text, language
        super().__init__(language, say(language, "quiz_title"))

    def answer(self, number: int, letter: str) -> str:
        """Answer without a mouse; see `QuizText.answer`."""
        said = self._text.answer(number, letter)
        self.redraw()
        return said

    def another(self, number: int) -> str:
        """Another question like it without a mouse; see `QuizText.another`."""
        said = self._text.another(number)
        self.redraw()
        return said

    def told(self, message: Told) -> None:
        """Take an answer, or ask another question like one that is done."""
        place = message["question"]
        if message["do"] == "choose":
            self._text.choose(place, message["option"])
        elif message["do"] == "another" and self._text.is_found(place):
            self._text.draw(place)

    def drawn(self) -> QuestionsState:
        """The questions, and what is said of the options tried so far."""
        text = self._text
        keys = sorted({*text.marks, *((place, text.drawn[place]) for place in range(len(text.questions)))})
        looks: dict[bool | None, Look] = {True: "right", False: "wrong", None: ""}
        return {
            "title": say(self._language, "quiz_first"),
            "questions": [self._card(place) for place in range(len(text.questions))],
            "score": text.score(),
            "marks": [looks[text.marks.get(key)] for key in keys],
        }

    def _card(self, place: int) -> QuestionState:
        text, question = self._text, self._text.questions[place]
        found, tried = text.is_found(place), text.tries[place]
        return {
            "text": f"{place + 1}. {words(question.text, self._language)}",
            "options": [self._option(place, option) for option in range(len(question.options))],
            "chosen": tried[-1] if tried else -1,
            "locked": found,
            "record": "",
            "more": say(self._language, "quiz_more") if found else "",
            "status": "",
            "look": "right" if found else "",
            "rows": [],
            "why": [],
        }

    def _option(self, place: int, option: int) -> OptionState:
        text = self._text
        shown = words(text.questions[place].options[option].text, self._language)
        if option not in text.tries[place]:
            return {"text": shown, "mark": "", "feedback": ""}
        right = option == text.questions[place].right()
        return {"text": shown, "mark": "right" if right else "wrong", "feedback": text.feedback(place, option)}

    def __repr__(self) -> str:
        return repr(self._text)
