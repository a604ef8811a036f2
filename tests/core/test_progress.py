"""Progress from events: the first answer counts, a reset forgets, and nothing else does."""

from drilllib.core.quiz.progress import progress, upcoming

ASKED, QUESTIONS = {"a": 2, "b": 0}, {"a": 2, "b": 1}


def event(lesson: str, what: str, key: str, *, right: bool) -> dict:
    return {"lesson": lesson, "what": what, "key": key, "right": right}


def told(*events: dict) -> dict:
    first, _ = progress(events, asked=ASKED, questions=QUESTIONS)
    return first.to_dict()


def test_the_first_answer_to_a_question_counts() -> None:
    first, second = event("a", "prediction", "x", right=False), event("a", "prediction", "x", right=True)

    assert told(first, second)["predictions"] == [False]
    assert told(second, first, event("a", "prediction", "y", right=False))["predictions"] == [True, False]


def test_questions_like_those_of_the_lesson_are_counted_apart() -> None:
    found = told(event("a", "quiz", "1.0", right=True), event("a", "quiz", "1.1", right=False))

    assert (found["quiz"], found["drawn"]) == ([True], [False])


def test_a_repair_that_passed_once_is_verified() -> None:
    """Whoever opens everything afterwards, to see verify() fail, has still learnt it."""
    passed, failed = event("a", "verified", "x", right=True), event("a", "verified", "x", right=False)

    assert told()["verified"] is None
    assert told(failed)["verified"] is False
    assert told(failed, passed, failed)["verified"] is True
    assert told(passed, event("a", "verified", "y", right=False))["verified"] is False


def test_a_reset_forgets_what_was_before_it_and_of_that_lesson_only() -> None:
    events = [
        event("a", "prediction", "x", right=False),
        event("b", "quiz", "1.0", right=True),
        event("a", "reset", "", right=False),
        event("a", "prediction", "x", right=True),
        event("elsewhere", "quiz", "1.0", right=True),
    ]
    first, second = progress(events, asked=ASKED, questions=QUESTIONS)

    assert (first.predictions, second.quiz) == ((True,), (True,))


def test_the_next_lesson_is_the_first_that_is_not_done() -> None:
    verified = [event(name, "verified", "", right=True) for name in "ab"]
    answers = [event("a", "quiz", f"{number}.0", right=False) for number in (1, 2)]

    assert upcoming(progress(verified, asked=ASKED, questions=QUESTIONS)) == "a"
    assert upcoming(progress([*verified, *answers], asked=ASKED, questions=QUESTIONS)) == "b"
    every = [*verified, *answers, event("b", "quiz", "1.0", right=True)]
    assert upcoming(progress(every, asked=ASKED, questions=QUESTIONS)) is None
