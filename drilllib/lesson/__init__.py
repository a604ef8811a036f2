"""What a notebook calls: a drill in a lab, asked by one client, shown in the reader's language.

Begin with lesson.py. Notebooks import from `drilllib` itself.
"""

from drilllib.errors import DrillError, speak
from drilllib.views.phrases.catalog import translate
from drilllib.views.phrases.language import language


def _in_the_readers_language(template: str) -> str:
    try:
        return translate(template, language())
    except DrillError:  # of the language itself
        return template


speak(_in_the_readers_language)
