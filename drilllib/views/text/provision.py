"""What `drill up` will make, what `drill down` has removed or left, what `drill ls` lists: as text."""

from collections.abc import Iterable, Mapping, Sequence

from drilllib.errors import Message
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import said, say
from drilllib.views.text.columns import table

KINDS = ("group", "add_on", "pool", "namespace", "deployment", "service")
COSTS = ("pool", "service", "none")  # what the cloud charges for, and what it does not
HEADS = ("drill", "cluster", "since", "until", "things", "journal")


def plan_text(drill: Mapping[str, str], parts: Iterable[tuple[str, str]], language: str) -> str:
    """
    What will be made, each part with whether it is charged; prices are the vendor's.

    *drill* has `drill`, `cluster`, `region`, `fault`, `until`, `clients` ("" where a ticket names them), `machine`, and
    the add-on's `setting` before; *parts* are kinds and names.
    """
    lines = [say(language, "up.plan", **drill), ""]
    rows = [[say(language, "up.kind"), say(language, "up.name"), say(language, "up.cost")]]
    rows += [[say(language, f"up.kind_{kind}"), name, _cost(kind, drill, language)] for kind, name in parts]
    lines += [f"  {line}" for line in table(rows)]
    clients = [say(language, "up.clients", **drill)] if drill["clients"] else []
    return terminal_text([*lines, "", *clients, _setting(drill, language), say(language, "up.price")])


def _cost(kind: str, drill: Mapping[str, str], language: str) -> str:
    cost = kind if kind in COSTS else "none"
    return say(language, f"up.cost_{cost}", **drill)


def _setting(drill: Mapping[str, str], language: str) -> str:
    before = drill["setting"]
    if before == "off":
        return say(language, "up.setting_off", **drill)
    return say(language, "up.setting_on", groups=before.removeprefix("on").replace("/", " ").strip() or "-", **drill)


def made_text(drill: Mapping[str, str], language: str, ticket: str = "") -> str:
    """Where the drill is, and how it is removed; *drill* has `drill`, `address`, `port`, `journal`, `until` too."""
    told = [ticket, ""] if ticket else []
    return terminal_text([*told, say(language, "up.made", **drill), say(language, "up.remove", **drill)])


def removed_text(
    drill: str, removed: Iterable[tuple[str, str]], left: Sequence[tuple[str, str, str | Message]], language: str
) -> str:
    """What was removed, and what is left and why."""
    lines = [say(language, "down.removed", kind=say(language, f"up.kind_{kind}"), name=name) for kind, name in removed]
    for kind, name, why in left:
        named = say(language, f"up.kind_{kind}")
        lines.append(say(language, "down.left", kind=named, name=name, why=said(why, language)))
    lines.append(say(language, "down.again", drill=drill) if left else say(language, "down.nothing", drill=drill))
    return terminal_text(lines)


def listed_text(rows: Sequence[Mapping[str, str]], region: str, language: str) -> str:
    """The drills that are up; each has what `HEADS` names, and `overdue`, which is "" where it is not."""
    if not rows:
        return say(language, "ls.none", region=region)
    heads = [say(language, f"ls.head_{name}") for name in HEADS]
    cells = [[each[name] for name in HEADS] for each in rows]
    late = [say(language, "ls.overdue", drill=each["drill"]) for each in rows if each["overdue"]]
    return terminal_text([*table([heads, *cells]), *late])
