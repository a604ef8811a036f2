"""What a notebook calls: a drill in a lab, asked by one client, shown in the reader's language.

Begin with lesson.py. Notebooks import from `drilllib` itself.
"""

from drilllib.errors import speak
from drilllib.views.phrases.language import translator

speak(lambda template: translator()(template))
