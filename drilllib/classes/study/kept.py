"""The forms of a class's test in a file of its folder: found once, so that a newer engine gives nobody another test."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drilllib import files
from drilllib.classes.plan import Plan
from drilllib.classes.secret import Secret
from drilllib.classes.study.forms import parallel
from drilllib.core.snapshot.shapes import Fields, require_shape
from drilllib.errors import DrillError, InvalidInputError, quoted
from drilllib.machine import private
from drilllib.practice import library

FORMS, SCHEMA = "forms.json", "drilllib/class-forms/1"
_SHAPE: Fields = {
    "schema": str,
    "items": [{"drill": str, "level": int, "seeds": [int], "facts": {"best": int, "category": str}}],
}


def make_forms(path: Path, plan: Plan, secret: Secret) -> None:
    """
    Write the forms of all that the class tests; an item that has its worlds already keeps them.

    Raises:
        InvalidInputError: An item has no parallel worlds, or the file cannot be written.
    """
    known = {(each["drill"], each["level"]): each for each in read_items(path)} if path.is_file() else {}
    items = [
        known.get((each.drill, each.level)) or _item(each.drill, each.level, secret)
        for each in (*plan.test, *plan.transfer)
    ]
    try:
        private.replace(path, json.dumps({"schema": SCHEMA, "items": items}, indent=1) + "\n")
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be written: {reason}",
            remedy="Make room, and the class once more",
            path=quoted(str(path)),
            reason=error.strerror or error,
        ) from None


def _item(name: str, level: int, secret: Secret) -> dict[str, Any]:
    facts, seeds = parallel(library.drill(name), level, lambda number: secret.form_seed(name, level, number))
    return {"drill": name, "level": level, "seeds": [*seeds], "facts": facts.to_dict()}


def read_items(path: Path) -> list[Mapping[str, Any]]:
    """Each item's drill, level, the seeds of its two worlds, and their facts. Raises InvalidInputError."""
    try:
        document = files.read_json(str(path))
        require_shape(document, _SHAPE, "forms")
    except DrillError:
        document = {}
    if document.get("schema") != SCHEMA or any(len(each["seeds"]) != 2 for each in document["items"]):
        raise InvalidInputError(
            "The forms of the class's test, {path}, cannot be used",
            remedy="Put the file back; the same secret and drilllib make the same anew",
            path=quoted(str(path)),
        )
    found: list[Mapping[str, Any]] = document["items"]
    return found


def forms_of(path: Path, plan: Plan) -> Mapping[tuple[str, int], tuple[int, int]]:
    """
    By drill and level the seed of each form.

    Raises:
        InvalidInputError: The file cannot be used, or has not all that the class tests now.
    """
    if not plan.test:
        return {}
    found = {(each["drill"], each["level"]): (each["seeds"][0], each["seeds"][1]) for each in read_items(path)}
    for each in (*plan.test, *plan.transfer):
        if (each.drill, each.level) not in found:
            raise InvalidInputError(
                "The test of {drill} has no worlds yet", remedy="Make the class with drill class new", drill=each.drill
            )
    return found
