"""The text by which learners are asked to take part in a study, to be completed by who does it."""

from pathlib import Path

from drilllib.classes.plan import Plan

_BLANK = {"en": "[date]", "zh": "［日期］"}


def consent_text(plan: Plan, language: str) -> str:
    """What is recorded, what becomes of it, and that everybody is free; what only a person knows is in brackets."""
    text = Path(__file__).with_name(f"consent.{language}.md").read_text("utf-8")
    blank = _BLANK[language]
    return text.format(class_name=plan.name, opens=plan.opens or blank, closes=plan.closes or blank)
