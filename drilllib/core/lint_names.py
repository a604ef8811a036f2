"""Names that stand for nothing in a snapshot: groups and templates that are named or bound, and are not there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from drilllib.core.lint_bindings import Place
from drilllib.core.lint_findings import LintCode, LintFinding, Severity, Statement
from drilllib.core.lint_written import finding_about
from drilllib.core.rules import Direction, Reference
from drilllib.core.topology import Snapshot

# For each kind: the parts with templates and with groups of templates, how ids of the latter begin, and their list.
_TEMPLATES = {
    "AddressTemplate": ("address_templates", "address_template_groups", "ipmg-", "AddressTemplateIdSet"),
    "ServiceTemplate": ("service_templates", "service_template_groups", "ppmg-", "ServiceTemplateIdSet"),
}


def about_names(snapshot: Snapshot, document: Mapping[str, Any], places: Iterable[Place]) -> Iterator[LintFinding]:
    """Findings about groups and templates that are missing, as far as those parts of the document were read."""
    bound: dict[str, list[str]] = {}
    for place in places:
        for name in place.groups:
            bound.setdefault(name, []).append(place.owner)
    if snapshot.has("security_groups"):
        yield from (_bound(name, owners) for name, owners in bound.items() if name not in snapshot.groups)
    for group in snapshot.groups.values():
        for direction in Direction:
            for index, rule in enumerate(group.rules(direction) or ()):
                for reference in rule.references:
                    code, statement = _missing(snapshot, document, bound, reference)
                    if statement:
                        remedy = Statement(f"{code}.remedy")
                        spot = group.group_id, index
                        yield finding_about(code, Severity.WARNING, direction, spot, rule, statement, remedy)


def _bound(name: str, owners: list[str]) -> LintFinding:
    evidence = Statement("UNKNOWN_GROUP.bound", {"owners": tuple(owners)})
    code, remedy = LintCode.UNKNOWN_GROUP, Statement("UNKNOWN_GROUP.bound.remedy")
    return LintFinding(code=code, severity=Severity.WARNING, group=name, evidence=evidence, remedy=remedy)


def _missing(
    snapshot: Snapshot, document: Mapping[str, Any], bound: Mapping[str, Any], reference: Reference
) -> tuple[LintCode, Statement | None]:
    """What is not there of what a rule names; a group that is bound was reported as such."""
    name = reference.name
    if reference.kind == "SecurityGroupId":
        gone = snapshot.has("security_groups") and name not in snapshot.groups and name not in bound
        return LintCode.UNKNOWN_GROUP, Statement("UNKNOWN_GROUP", {"name": name}) if gone else None
    templates, groups, prefix, listed = _TEMPLATES[reference.kind]
    known = document.get(templates) or {}, document.get(groups) or {}
    if not any(name in part for part in known):
        read = snapshot.has(groups if name.startswith(prefix) else templates)
        return LintCode.UNKNOWN_TEMPLATE, Statement("UNKNOWN_TEMPLATE", {"name": name}) if read else None
    members = known[1].get(name, {}).get(listed) or () if snapshot.has(templates) else ()
    lost = next((member for member in members if member not in known[0]), None)
    facts = {"name": name, "member": lost}
    return LintCode.UNKNOWN_TEMPLATE, Statement("UNKNOWN_TEMPLATE.member", facts) if lost else None
