"""
What is wrong with these rules, whoever sends what? `lint_groups` looks at saved groups, `lint_snapshot` at a snapshot.

A trace follows one request; lint looks at every rule.
"""

from collections.abc import Iterator, Sequence

from drilllib.core.lint.bindings import about_empty, about_names, bindings_of, resources_of, uses_of
from drilllib.core.lint.effect import about_dead, about_redundant, effect_of
from drilllib.core.lint.findings import LintCode, LintFinding, in_order
from drilllib.core.lint.lists import Binding, Lists
from drilllib.core.lint.ports import about_node_ports_of_pods, about_ports, about_probes
from drilllib.core.lint.targets import about_targets
from drilllib.core.lint.texts import about_indices, about_quotas, about_texts
from drilllib.core.lint.world import about_world
from drilllib.core.rules.quotas import use_of_binding, use_of_template, uses_of_group
from drilllib.core.rules.rules import Direction, SecurityGroup
from drilllib.core.sets.grid import Budget
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.codes import HopKind
from drilllib.errors import InvalidInputError, quoted


def lint_groups(groups: Sequence[SecurityGroup]) -> tuple[LintFinding, ...]:
    """
    Everything about *groups*, read in their order as the groups of one interface. The worst comes first.

    Raises:
        InvalidInputError: Two groups have the same id, so that a finding could not say which it means.
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    names = [group.group_id for group in groups]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInputError(
            "Two groups are called {twice}", remedy="Give each group once, or rename one", twice=quoted(twice)
        )
    budget, binding = Budget(), Binding(tuple(groups))
    found = [each for group in groups for each in _about_group(group, on_clb=False)]
    found += about_quotas([use_of_binding("", len(groups))], names[-1]) if groups else ()
    for direction in Direction:
        lists = Lists([binding], groups, direction, budget)
        found += _about_rules(lists)
        found += about_world(lists, {}) if direction is Direction.INGRESS else ()
    return in_order(found, names)


def lint_snapshot(snapshot: Snapshot) -> tuple[LintFinding, ...]:
    """
    Everything about the groups of a snapshot. What depends on a part that was not read is not looked for.

    Several groups on one CLB, instance or interface are one list there; a rule has no effect where it has none in any
    of them.

    Raises:
        TooComplexError: The rules overlap in too many ways for an exact answer.
    """
    document = snapshot.to_dict()
    places = resources_of(snapshot, document)
    budget, groups, reach = Budget(), tuple(snapshot.groups.values()), uses_of(snapshot, places)
    found = [*about_names(snapshot, document, places), *_about_uses(snapshot)]
    for group in groups:
        found += _about_group(group, on_clb=HopKind.CLB in (reach[group.group_id].kinds or ()))
    for direction in Direction:
        lists = Lists(bindings_of(snapshot, places, direction), groups, direction, budget)
        found += _about_rules(lists)
        found += about_empty(snapshot, places, direction)
        if direction is Direction.INGRESS:
            found += about_world(lists, reach)
            found += about_probes(snapshot, lists, reach)
            found += about_ports(snapshot, lists)
            found += about_node_ports_of_pods(snapshot, lists)
            found += about_targets(snapshot, lists)
    return in_order(_each_once(found), snapshot.groups)


def _each_once(found: Sequence[LintFinding]) -> Iterator[LintFinding]:
    """Without what says of a rule for probes once more that it can go."""
    probes = {(each.group, each.policy_index) for each in found if each.code is LintCode.PROBE_RANGE_ON_CLB}
    for each in found:
        redundant = each.code is LintCode.RULE_REDUNDANT and each.direction is Direction.INGRESS
        if not (redundant and (each.group, each.policy_index) in probes):
            yield each


def _about_group(group: SecurityGroup, *, on_clb: bool) -> Iterator[LintFinding]:
    yield from about_indices(group)
    yield from about_quotas(uses_of_group(group, on_clb=on_clb), group.group_id)


def _about_rules(lists: Lists) -> Iterator[LintFinding]:
    yield from about_texts(lists)
    effect = effect_of(lists)
    yield from about_dead(lists, effect)
    yield from about_redundant(lists, effect)


def _about_uses(snapshot: Snapshot) -> Iterator[LintFinding]:
    """Quotas of bindings, said of their last group, and of templates, said of the first group that names them."""
    for owner, groups in snapshot.bound_groups().items():
        if groups:
            yield from about_quotas([use_of_binding(owner, len(groups))], groups[-1])
    sizes = snapshot.template_sizes()
    used: dict[str, str] = {}
    for group in snapshot.groups.values():
        for reference in group.references:
            used.setdefault(reference.name, group.group_id)
    for name, group_id in used.items():
        if name in sizes:
            yield from about_quotas([use_of_template(name, sizes[name])], group_id)
