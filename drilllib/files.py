"""Reading and writing the user's files at the edge: one clear error for whatever can be wrong with them."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted

LARGEST = 256 << 20  # bytes of a file that is read whole; 100,000 rules have about 15 MiB
WHOLE_ANSWER, ANOTHER_FOLDER = Message("Save the whole answer of the API"), Message("Name another folder")


def read_text(name: str) -> str:
    """
    The text of a file; ``-`` is standard input.

    Raises:
        InvalidInputError: It cannot be read, is not UTF-8, or has more than `LARGEST` bytes.
    """
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else open(name, "rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InvalidInputError(
                "{name} has more than {largest} MiB",
                remedy="Give the one answer of the API, or one snapshot",
                name=quoted(name),
                largest=LARGEST >> 20,
            )
        return data.decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(name, error) from None
    except UnicodeDecodeError:
        raise InvalidInputError("{name} is not UTF-8 text", remedy="Save it as UTF-8 JSON", name=quoted(name)) from None
    except ValueError as error:
        raise InvalidInputError(
            "{name} is no path: {error}", remedy="Check the path", name=quoted(name), error=error
        ) from None


def _unreadable(name: str, error: OSError) -> InvalidInputError:
    reason = error.strerror or error
    return InvalidInputError(
        "{name} cannot be read: {reason}", remedy="Check the path", name=quoted(name), reason=reason
    )


def require_one_standard_input(names: Sequence[str | None]) -> None:
    """Raises InvalidInputError where several files are ``-``: the first would take all, and the next find nothing."""
    if names.count("-") > 1:
        raise InvalidInputError("Standard input can be only one of the files", remedy="Name the others")


def parse_json(text: str, where: str | Message, remedy: str | Message = WHOLE_ANSWER) -> Any:
    """
    The JSON in *text*; *where* names it in the message.

    Raises:
        InvalidInputError: It is empty, cut off, or nested deeper than Python can read.
    """
    if not text.strip():
        raise InvalidInputError("{where} is empty", remedy="Save JSON into it", where=where)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            "{where} is not JSON: {message} at line {line} column {column}",
            remedy=remedy,
            where=where,
            message=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError):
        raise InvalidInputError(
            "{where} nests too deeply or holds a number too long to read",
            remedy="Save the answer of the API unchanged",
            where=where,
        ) from None


def read_json(name: str) -> Any:
    """The JSON in a file; see `read_text` and `parse_json` for the errors."""
    return parse_json(read_text(name), quoted(name))


def read_yaml(name: str) -> Any:
    """
    The YAML in a file. JSON is read without PyYAML, where the file's name or its first character says that it is.

    Raises:
        InvalidInputError: The file cannot be read, is no YAML, or has a key twice.
        MissingToolError: It is not JSON, and PyYAML is not installed.
    """
    text = read_text(name)
    if name.lower().endswith(".json") or text.lstrip().startswith("{"):
        return parse_json(text, quoted(name), Message("Correct the file"))
    return yaml_document(text, quoted(name))


def read_group(name: str, names: Directory) -> SecurityGroup:
    """
    A security group from a file: a SecurityGroupPolicySet, bare or inside its field or the Response envelope.

    The document carries no group id, so the group is called by the file's stem. *names* is what is known of the
    groups and templates that its rules name.

    Raises:
        InvalidInputError: The file or the document cannot be used.
        InvalidRuleError: A rule in it cannot be read.
    """
    document = read_json(name)
    if is_snapshot(document):
        raise InvalidInputError(
            "{name} is a snapshot, not a group", remedy="Ask drill trace about it", name=quoted(name)
        )
    return group_in(name, document, names)


def read_snapshot(name: str) -> Snapshot:
    """
    A snapshot from a file.

    Raises:
        InvalidInputError: The file or the document cannot be used.
        InvalidRuleError: A rule in it cannot be read.
    """
    document = read_json(name)
    if isinstance(document, Mapping) and not {"Ingress", "Egress", "SecurityGroupPolicySet"}.isdisjoint(document):
        raise InvalidInputError(
            "{name} is a security group, not a snapshot",
            remedy="Give a snapshot; about groups ask drill decide, drill reach or drill lint",
            name=quoted(name),
        )
    return Snapshot(document)


def read_either(name: str, names: Directory) -> Snapshot | SecurityGroup:
    """A snapshot where the file says that it is one, else a security group; see `read_group` for the errors."""
    document = read_json(name)
    return Snapshot(document) if is_snapshot(document) else group_in(name, document, names)


def is_snapshot(document: Any) -> bool:
    """Does the document call itself a snapshot?"""
    return isinstance(document, Mapping) and str(document.get("schema")).startswith("drilllib/snapshot")


def group_in(name: str, document: Any, names: Directory) -> SecurityGroup:
    """The group in the document of the file called *name*; see `read_group`."""
    _require_no_error(name, document)
    for envelope in ("Response", "SecurityGroupPolicySet"):
        if isinstance(document, Mapping) and envelope in document:
            document = document[envelope]
    return group_from_policy_set("stdin" if name == "-" else Path(name).stem, document, names)


def _require_no_error(name: str, document: Any) -> None:
    """The API reports errors inside a successful response; saved by accident, one is no group."""
    response = document.get("Response") if isinstance(document, Mapping) else None
    error = response.get("Error") if isinstance(response, Mapping) else None
    if isinstance(error, Mapping):
        raise InvalidInputError(
            "{name} holds the API's error {code}",
            remedy="Repair the call, and save its answer",
            name=quoted(name),
            code=quoted(error.get("Code")),
        )


def write_atomically(path: Path, text: str) -> None:
    """
    Write a whole file or nothing. A file that is there keeps its mode.

    Raises:
        InvalidInputError: The folder does not exist or does not let us write.
    """
    import tempfile

    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be written: {reason}",
            remedy="Name a folder that exists and lets you write",
            path=quoted(str(path)),
            reason=error.strerror,
        ) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
        raise InvalidInputError(
            "{path} cannot be written: {reason}",
            remedy="Name a file that can be replaced",
            path=quoted(str(path)),
            reason=error.strerror,
        ) from None


def make_folder(folder: Path, *, remedy: str | Message = ANOTHER_FOLDER) -> None:
    """
    Make a folder and those above it; one that is there is fine.

    Raises:
        InvalidInputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            "The folder {folder} cannot be made: {reason}",
            remedy=remedy,
            folder=quoted(str(folder)),
            reason=error.strerror,
        ) from None


def read_lines(name: str) -> Iterator[str]:
    """
    The lines of a file that are not blank, one at a time; ``-`` is standard input.

    Raises:
        InvalidInputError: It cannot be read, or is not UTF-8.
    """
    try:
        with open(0 if name == "-" else name, encoding="utf-8-sig", closefd=name != "-") as file:
            yield from (line for line in file if line.strip())
    except OSError as error:
        raise _unreadable(name, error) from None
    except UnicodeDecodeError:
        raise InvalidInputError("{name} is not UTF-8 text", remedy="Save it as UTF-8", name=quoted(name)) from None


def yaml_document(text: str, where: str) -> Any:
    """
    The one document in *text*; *where* names it in the message.

    Raises:
        InvalidInputError: It is no YAML, nests too deeply, or has a key twice.
        MissingToolError: PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise MissingToolError(
            "{where} is YAML, and PyYAML is not installed",
            remedy="Install it (pip install pyyaml), or write the file as JSON",
            where=where,
        ) from None
    try:
        return yaml.load(text, _strict_loader(yaml))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidInputError(
            "{where} cannot be read as YAML: {detail} at line {line} column {column}"
            if mark
            else "{where} cannot be read as YAML: {detail}",
            remedy="Correct the file",
            where=where,
            detail=getattr(error, "problem", None) or Message("a character is not allowed"),
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from None
    except (RecursionError, ValueError):
        raise InvalidInputError(
            "{where} nests too deeply or has a value that cannot be read", remedy="Correct the file", where=where
        ) from None


def _strict_loader(yaml: Any) -> Any:
    """PyYAML's safe loader keeps the last of two equal keys; the first would be lost silently."""

    class Strict(yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            keys = [key for key, _ in pairs if isinstance(key, yaml.ScalarNode)]
            names = [key.value for key in keys]
            twice = next((key for place, key in enumerate(keys) if key.value in names[:place]), None)
            if twice is not None:
                problem = f"the key {twice.value} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, twice.start_mark)
            return super().construct_mapping(node, deep)

    return Strict
