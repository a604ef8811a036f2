"""The tab of a group: its number on the path, whose it is, and what it does to the packet as far as that is shown."""

from typing import TypedDict

from drilllib.core.rules.rules import Action
from drilllib.core.trace.path import Hop
from drilllib.errors import printable
from drilllib.views.panel.guess import PLACE
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.phrases.catalog import say
from drilllib.views.text.hops import group_text, is_on_node_network


class Tab(TypedDict):
    """The part of `RuleListState` that is about its group."""

    tab: str
    of: str
    title: str
    look: str


def tab_of(report: LabReport, group: str, language: str) -> Tab:
    """The tab of a group; one that is not on the path has its id for a number. Several at one place add theirs."""
    hops = [hop for path in report.trace.paths for hop in path.hops if _is_asked(hop, group)]
    numbers = list(dict.fromkeys(say(language, f"ui_tab_{_number(hop)}") for hop in hops))
    places = list(dict.fromkeys(say(language, f"ui_of_{hop.hop}") for hop in hops))
    shared = any(len(check.groups) > 1 for hop in hops for check in hop.checks if group in check.groups)
    owners = "/".join(places)
    return {
        "tab": printable(" · ".join(numbers) or group),
        "of": printable(f"{owners} {group}" if shared else owners),
        "title": printable(" · ".join([*dict.fromkeys(group_text(hop, language) for hop in hops), group])),
        "look": _look(hops, group) if report.level >= PLACE else "",
    }


def _is_asked(hop: Hop, group: str) -> bool:
    return any(group in check.groups for check in hop.checks)


def _number(hop: Hop) -> str:
    """A pod on its node's own network stands behind the node's group."""
    return "node" if is_on_node_network(hop) else hop.hop


def _look(hops: list[Hop], group: str) -> str:
    """What the group does, the worst first."""
    reached = [hop for hop in hops if not hop.hypothetical]
    if hops and not reached:
        return "unreached"
    actions = {check.action for hop in reached for check in hop.checks if _decided(check.group, check.groups, group)}
    looks = {Action.DROP: "stopped", Action.UNDETERMINED: "unknown", Action.ACCEPT: "passed"}
    return next((look for action, look in looks.items() if action in actions), "")


def _decided(decider: str | None, groups: tuple[str, ...], group: str) -> bool:
    return decider == group or (decider is None and groups[-1:] == (group,))
