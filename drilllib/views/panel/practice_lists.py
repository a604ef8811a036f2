"""The rule lists of practice: those that were looked at, without any mark, once a cause is stated."""

from dataclasses import replace

from drilllib.core.trace.answer import Trace
from drilllib.views.panel.desk import orders_of
from drilllib.views.panel.guess import SYMPTOM
from drilllib.views.panel.lab_report import LabReport
from drilllib.views.panel.practice_desk import PracticeDesk


def lists_report(desk: PracticeDesk, route: Trace) -> LabReport | None:
    """What the rule lists show now; None where nothing is to be repaired, or no list was looked at."""
    seen = desk.seen_groups
    if not desk.is_repairing or not seen:
        return None
    bench, snapshot = desk.bench, desk.session.snapshot()
    bench.sync()
    order = {group: place for place, group in enumerate(seen)}
    lists = {name: rules for name, rules in bench.top.lists.items() if name[0] in order}
    return LabReport(
        trace=replace(route, paths=()),  # a tab is called by its group: where it stands was for the learner to find
        lists=dict(sorted(lists.items(), key=lambda item: order[item[0][0]])),
        orders=orders_of(snapshot, set(seen)),
        names={node.instance_id: node.name for node in snapshot.nodes if node.name},
        void={},
        observed=None,
        level=SYMPTOM,
        steps=bench.steps(),
    )
