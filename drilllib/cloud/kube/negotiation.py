"""
Which form of an answer the client asks for in its header Accept: JSON or YAML; the object, a Table of it, or its
metadata alone. Source: Kubernetes API concepts, "Alternate representations of resources" and "Receiving resources as
Tables".
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drilllib.cloud.kube.errors import KubeError

JSON, YAML = "application/json", "application/yaml"
PLAIN, TABLE, METADATA, METADATA_LIST = "", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"
_ANY = ("*/*", "application/*", "")
_WEIGHT = re.compile(r"(0(\.\d{0,3})?|1(\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer: its content type, and what it is of the object."""

    content_type: str = JSON
    of: str = PLAIN


def form_of(accept: str) -> Form:
    """
    The form that the client likes best of those that are served.

    Raises:
        KubeError: 406, none of them is.
    """
    if not accept.strip():
        return Form()
    choices = sorted(_choices(accept), key=lambda choice: -choice[0])
    found = next((form for weight, form in choices if weight > 0 and form), None)
    if found is None:
        raise _not_acceptable()
    return found


def is_served(accept: str) -> bool:
    """Can an answer be given that the client takes?"""
    try:
        form_of(accept)
    except KubeError:
        return False
    return True


def written(value: Any, form: Form) -> bytes:
    """
    A body in that form's content type.

    Raises:
        KubeError: 406, YAML cannot be written on this machine.
    """
    if form.content_type == JSON:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    try:
        import yaml
    except ImportError:
        raise _not_acceptable() from None
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=False)
    return text.encode("utf-8", "replace")


def _choices(accept: str) -> Iterator[tuple[float, Form | None]]:
    """Each choice with its weight; None for a form that is not served."""
    for choice in accept.split(","):
        name, *rest = (part.strip() for part in choice.split(";"))
        words = {key.strip().lower(): value.strip() for key, _, value in (part.partition("=") for part in rest)}
        weight = words.get("q", "1")
        yield float(weight) if _WEIGHT.fullmatch(weight) else 1.0, _form(name.lower(), words)


def _form(name: str, words: dict[str, str]) -> Form | None:
    content_type = JSON if name in _ANY or name == JSON else YAML if name == YAML else None
    of = words.get("as", PLAIN)
    if content_type is None or of not in (PLAIN, TABLE, METADATA, METADATA_LIST):
        return None
    if of and (words.get("g") != "meta.k8s.io" or words.get("v") not in ("v1", "v1beta1")):
        return None
    return Form(content_type, of)


def _not_acceptable() -> KubeError:
    message = f"only the following media types are accepted: {JSON}, {YAML}"
    return KubeError(406, "NotAcceptable", message)
