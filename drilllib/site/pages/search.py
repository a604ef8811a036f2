"""
The index that search.js reads: for each word where it stands. Chinese is cut into pairs of characters, as there are no
blanks between words; search.js cuts what is typed in the same way.

A script instead of JSON, because a page that was opened from a disk may load a script and nothing else.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"[a-z0-9_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
LONGEST = 40  # of a word; what is longer is no word that anybody types
EXCERPT = 140  # characters that a hit shows


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading: *address* from the language's folder, with its anchor."""

    address: str
    page: str
    heading: str
    words: str


def terms(text: str) -> Iterator[str]:
    """The words of a text in lower case, and its Chinese in pairs; a character that stands alone is one."""
    low = text.lower()
    yield from (word for word in _WORD.findall(low) if len(word) <= LONGEST)
    for run in _CHINESE.findall(low):
        yield from ("".join(pair) for pair in pairwise(run)) if len(run) > 1 else (run,)


def index_script(sections: Iterable[Section]) -> str:
    """The index as a script that sets `drillIndex`: sections as rows, and the numbers of the sections of each word."""
    kept = [each for each in sections if each.words or each.heading]
    found: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(kept):
        for term in sorted({*terms(each.heading), *terms(each.words)}):
            found[term].append(number)
    rows = [[each.address, each.page, each.heading, each.words[:EXCERPT]] for each in kept]
    made = {"rows": rows, "terms": {term: _steps(found[term]) for term in sorted(found)}}
    return f"window.drillIndex={json.dumps(made, ensure_ascii=False, separators=(',', ':'))};\n"


def _steps(numbers: list[int]) -> str:
    """Rising numbers as the steps between them, which are short."""
    steps = (b - a for a, b in pairwise([0, *numbers]))
    return " ".join(map(str, steps))
