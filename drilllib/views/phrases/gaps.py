"""Why something was not read, as a snapshot notes it in English: said in the reader's language where it is known."""

import re

from drilllib.errors import Message
from drilllib.views.phrases.catalog import translate

_WHYS = (  # as core/capture writes them; the one with a reason in it first
    Message("{why}; grant {permission}"),
    Message("not read"),
    Message("not allowed ({code})"),
    Message("not there ({code})"),
    Message("the call failed ({code})"),
    Message("the time was up"),
    Message("the file is empty: its command failed"),
    Message("a snapshot, not an answer"),
    Message("a List without items, which kubectl prints too where it is refused"),
    Message("its request asked for a part only, so that it does not tell the rest"),
    Message("DescribeTargets was not read"),
    Message("{source} does not say of which load balancer it is: name it after its"),
    Message("{source} does not say which group its rules are of"),
    Message("taken from {source}, the only rules without a group: name it after its group"),
    Message("no file has them"),
    Message("it changed each time that it was read"),
    Message("{rows} of {total} were read: ask for all listeners of the load balancer at once"),
    Message("{rows} of {total} were read: a page is missing, or a right shows some of them only"),
    Message("the values of {name} have a shape that is not known"),
    Message("{names} were read: say which cluster it is"),
)


def gap_reason(why: str, language: str) -> str:
    """The reason in *language*; as it is where it is none that a capture writes."""
    for template, pattern in _PATTERNS:
        if found := pattern.fullmatch(why):
            told = found.groupdict()
            values = {name: gap_reason(each, language) if name == "why" else each for name, each in told.items()}
            return translate(template, language).format(**values)
    return why


def _pattern(template: str) -> re.Pattern[str]:
    """What a reason of that template looks like."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(template)))


_PATTERNS = [(each.template, _pattern(each.template)) for each in _WHYS]
