"""
The style sheet that an output brings along: small, because each output of a stored notebook has its own copy.

An output may be shown without the ones above it, so that it cannot rely on theirs.
"""

import re
from functools import cache

from drilllib.views.panel.assets import style

_TOKEN = re.compile(r"\s*(--d-[\w-]+):[^;]*;")
_USED = re.compile(r"var\((--d-[\w-]+)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_EMPTY = re.compile(r"@media[^{]*\{\s*(?:[^{}]*\{\s*\}\s*)*\}|[^{}]*\{\s*\}")
_AROUND = re.compile(r"\s*([{};,>])\s*|(?<=:)\s+")


@cache
def sheet(*names: str) -> str:
    """The style sheets of panel/page/ of these names, with those of the tokens that they use, without air."""
    rules = style(*names)
    used = {*_USED.findall(rules)}
    tokens = _TOKEN.sub(lambda found: found[0] if found[1] in used else "", style("tokens.css"))
    bare = _EMPTY.sub("", _COMMENT.sub("", f"{tokens}\n{rules}"))
    return _AROUND.sub(lambda found: found[1] or "", bare).replace(";}", "}").strip()
