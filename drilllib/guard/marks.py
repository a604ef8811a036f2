"""How a drill's things are told from all others: tags, labels, names, and the mark of a cluster's consent."""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

DRILL, UNTIL = "drilllib-drill", "drilllib-until"  # keys of tags in the cloud, of labels in the cluster
BEFORE = "drilllib-eniipamd"  # tag of group 3: the add-on's setting before the drill
CONSENT, CONSENT_NAMESPACE = "drilllib-consent", "kube-system"  # a ConfigMap, or the key of a tag of the cluster
PART = "drilllib-part"  # tag of a group: which of the three it is
ROLES = ("clb", "node", "pod")  # its values: what the groups 1, 2, 3 are bound to
_TIME = "%Y%m%dT%H%M%SZ"  # what both a tag's and a label's value may hold
_ID = re.compile(r"[0-9a-f]{8}")


def new_id() -> str:
    """The id of a new drill: eight hexadecimal digits."""
    return secrets.token_hex(4)


def is_id(text: str) -> bool:
    """Is it the id of a drill?"""
    return _ID.fullmatch(text) is not None


def is_marked(found: Mapping[str, str]) -> bool:
    """Are these the tags or labels of something of a drill? A mark with another text than an id is none."""
    return is_id(found.get(DRILL, ""))


def name_of(drill: str, part: str) -> str:
    """What a part of a drill is called, such as drill-1a2b3c4d-node."""
    return f"drill-{drill}-{part}"


def stamp(moment: datetime) -> str:
    """A moment as a tag has it, in UTC."""
    return moment.astimezone(UTC).strftime(_TIME)


def moment_of(text: str) -> datetime | None:
    """The moment of a tag; None where it is none."""
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def tags(drill: str, until: datetime, **more: str) -> dict[str, str]:
    """The tags of everything that the drill has in the cloud, and the labels of what it has in the cluster."""
    return {DRILL: drill, UNTIL: stamp(until), **more}


def pairs(found: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API takes them."""
    return [{"Key": key, "Value": value} for key, value in found.items()]


def tags_of(listed: Any) -> dict[str, str]:
    """Tags as the API gives them, by key; what is none is left out."""
    rows = [each for each in listed or () if isinstance(each, Mapping)]
    return {
        str(each.get("Key") or each.get("TagKey")): str(each.get("Value", each.get("TagValue", ""))) for each in rows
    }


def pool_tags(pool: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a node pool: those of its machines."""
    found: dict[str, str] = {}
    for each in pool.get("Tags") or ():
        found |= tags_of(each.get("Tags"))
    return found


def labels_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The labels of a Kubernetes object."""
    return dict((item.get("metadata") or {}).get("labels") or {})
