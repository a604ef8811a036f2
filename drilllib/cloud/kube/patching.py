"""What is said of a patch whose result is no object of the kind. Source: apiserver, endpoints/handlers/patch.go."""

import json
from typing import Any

from drilllib.cloud.kube import fields
from drilllib.cloud.kube.errors import KubeError
from drilllib.cloud.kube.objects import Object
from drilllib.cloud.kube.patches import STRATEGIC

_ORDER = "$setElementOrder/"
LONGEST = 20_000  # characters of a patch in a message


def require_fields(item: Object, before: Object, patch: Any, content_type: str) -> None:
    """Raises KubeError for fields that the kind has not, unless the object had them before, and for wrong types."""
    found = list(fields.problems(item))
    wrong = next((each for each in found if each.wanted is not None), None)
    shown = _in_go(patch) if content_type == STRATEGIC else json.dumps(item, separators=(",", ":"))
    if wrong:
        raise _invalid(shown, wrong.converting() if content_type == STRATEGIC else wrong.decoding())
    had = set(fields.unknown_fields(before)) if found else set()
    unknown = [f'unknown field "{each.path}"' for each in found if each.path not in had]
    if unknown:
        raise _invalid(shown, f"strict decoding error: {', '.join(unknown[:10])}")


def _invalid(patch: str, why: str) -> KubeError:
    """An error about no object at all, which kubectl prints as ``The request is invalid``."""
    text = f"Invalid value: {json.dumps(patch[:LONGEST], ensure_ascii=False)}: {why}"
    causes = [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]
    return KubeError(422, "Invalid", f' "" is invalid: patch: {text}', {"causes": causes})


def _in_go(value: Any) -> str:
    """A value as Go prints it: ``map[spec:map[replicas:two]]``."""
    if isinstance(value, dict):
        ordered = [
            name.partition("/")[2] for name in value if name.startswith(_ORDER)
        ]  # taken out when they are merged
        kept = [name for name in sorted(value) if name not in ordered and not name.startswith(_ORDER)]
        return f"map[{' '.join(f'{name}:{_in_go(value[name])}' for name in kept)}]"
    if isinstance(value, list):
        return f"[{' '.join(map(_in_go, value))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
