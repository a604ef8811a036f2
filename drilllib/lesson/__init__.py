"""What a notebook calls: a drill in a lab, asked by one client, shown in the reader's language.

Begin with lesson.py.
"""

from drilllib.lesson.lesson import Lesson, quiz

__all__ = ["Lesson", "quiz"]
