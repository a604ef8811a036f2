"""What causes are called where they are counted: by kind and place, without the names of one world."""

from collections.abc import Sequence

from drilllib.core.drills.worlds.world import Cause, CauseKind

_PLACES = {"lb": "clb", "ins": "node", "eni": "pod"}


def labelled(causes: Sequence[Cause] | None) -> str:
    """Causes by kind and place, as in ``clb ingress``; ``nothing`` for none, empty where nothing is stated."""
    if causes is None:
        return ""
    return " + ".join(sorted({_label(each) for each in causes})) or "nothing"


def _label(cause: Cause) -> str:
    if cause.kind is not CauseKind.GROUP:
        return str(cause.kind)
    return f"{_PLACES.get(cause.resource.partition('-')[0], 'other')} {cause.direction}"
