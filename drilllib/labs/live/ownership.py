"""Which groups a drill may write to: the cloud's own count of what they are bound to is compared with what is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drilllib.core.capture.asks import Answer, Ask, CloudCall
from drilllib.core.capture.calls import VPC
from drilllib.core.snapshot.bindings import bindings
from drilllib.errors import LabStateError, Message, quoted
from drilllib.guard.cloud import Cloud
from drilllib.guard.errors import WriteRefusedError
from drilllib.guard.marks import PART, tags_of
from drilllib.guard.scope import Scope
from drilllib.labs.live.roles import PARTS, groups_of, own_resources
from drilllib.labs.live.settings import LiveSettings

Item = Mapping[str, Any]
Read = Callable[[Ask], Answer]
OWN_GROUPS = Message("Give the drill groups of its own, with `drill up`")


@dataclass(frozen=True, slots=True)
class Owned:
    """*groups* is the group of each part (clb, node, pod), *scope* what of the cluster may be written to."""

    groups: Mapping[str, str]
    scope: Scope


def owned(document: Item, settings: LiveSettings, read: Read, cloud: Cloud) -> Owned:
    """
    What of a captured *document* is the drill's.

    Raises:
        LabStateError: A group of the drill is bound to what is not the drill's, or nobody can say to how much.
        WriteRefusedError: One that is named is a default group.
    """
    tagged = _tagged(document, read)
    groups = {**groups_of(document, settings.service), **tagged, **settings.groups}
    resources = own_resources(document, settings.service)
    _require_own(document, groups, resources)
    world = frozenset(groups[part] for part in settings.world if part in groups)
    bound = _bound(document, {*groups.values(), *(document.get("security_groups") or {})}, resources)
    scope = Scope(frozenset(settings.groups.values()), frozenset(resources), world, bound)
    for group in {**tagged, **settings.groups}.values():
        _require_counted(scope, cloud, group)
    return Owned(groups, scope)


def _tagged(document: Item, read: Read) -> dict[str, str]:
    """The groups on the path that `drill up` has tagged, by part."""
    filters = [{"Name": "tag-key", "Values": [PART]}]
    answer = read(CloudCall.of(*VPC, "DescribeSecurityGroups", Filters=filters))
    rows = [row for page in answer.pages for row in page.get("SecurityGroupSet") or ()]
    known = document.get("security_groups") or {}
    on_path = [each for each in rows if each.get("SecurityGroupId") in known]
    found = {tags_of(each.get("TagSet")).get(PART, ""): str(each["SecurityGroupId"]) for each in on_path}
    return {part: group for part, group in found.items() if part in PARTS}


def _require_own(document: Item, groups: Mapping[str, str], resources: set[str]) -> None:
    """Raises LabStateError where a group of the drill is bound to what is captured, and is not the drill's."""
    for group in groups.values():
        bound = {name for name, (item, field) in bindings(document).items() if group in (item.get(field) or ())}
        if others := sorted(bound - resources):
            raise LabStateError(
                "{group} is bound to {others} too, which is not the drill's",
                remedy=OWN_GROUPS,
                group=quoted(group),
                others=", ".join(others),
            )


def _bound(document: Item, groups: set[str], resources: set[str]) -> dict[str, frozenset[str]]:
    """What of the drill's each group is bound to as the cloud counts it: primary interfaces count with the machine."""
    found = {name: (item, field) for name, (item, field) in bindings(document).items() if name in resources}
    own = [(name, item.get(field) or ()) for name, (item, field) in found.items() if not item.get("Primary")]
    return {group: frozenset(name for name, listed in own if group in listed) for group in groups}


def _require_counted(scope: Scope, cloud: Cloud, group: str) -> None:
    """Raises LabStateError where the cloud counts more that *group* is bound to than is the drill's."""
    try:
        scope.require_group(cloud, group)
    except WriteRefusedError as error:
        raise LabStateError(error.problem_message, remedy=OWN_GROUPS) from None
