"""Reading and writing the user's files at the edge: one clear error for whatever can be wrong with them."""

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from drilllib.core.rules.members import Directory
from drilllib.core.rules.policies import group_from_policy_set
from drilllib.core.rules.rules import SecurityGroup
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.documents import json_documents, parse_json, yaml_document, yaml_documents
from drilllib.documents.printed import after_warnings, printed_error
from drilllib.errors import InvalidInputError, Message, quoted

LARGEST = 256 << 20  # bytes of a file that is read whole; 100,000 rules have about 15 MiB
_PIECE = 1 << 20  # bytes read at once
LONGEST = 1 << 20  # bytes of one line, where a file is read line by line
ANOTHER_FOLDER = Message("Name another folder")
_GIVEN = re.compile(r"/dev/stdin|(?:/dev/fd|/proc/self/fd)/([0-9]{1,9})")  # a shell's <(...), say
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_DEVICE = Message("a device")
_KINDS = (
    (stat.S_ISDIR, Message("a directory")),
    (stat.S_ISFIFO, Message("a named pipe")),
    (stat.S_ISSOCK, Message("a socket")),
)


def read_text(name: str) -> str:
    """
    The text of a file; ``-`` is standard input, and a name such as ``/dev/fd/63`` is that of an open pipe.

    Raises:
        InvalidInputError: It cannot be read, is no file, is not UTF-8, or has more than `LARGEST` bytes.
    """
    with reading(name, Message("Save it as UTF-8 JSON")) as file:
        data = _at_most(LARGEST + 1, file)
        if len(data) > LARGEST:
            raise InvalidInputError(
                "{name} has more than {largest} MiB",
                remedy="Give the one answer of the API, or one snapshot",
                name=quoted(name),
                largest=LARGEST >> 20,
            )
        return data.decode("utf-8-sig")


def _at_most(size: int, file: BinaryIO) -> bytes:
    """Piece by piece: to ask for so many bytes at once takes the memory for them, however few are there."""
    pieces, length = list[bytes](), 0
    while length < size and (piece := file.read(min(_PIECE, size - length))):
        pieces.append(piece)
        length += len(piece)
    return b"".join(pieces)


def read_lines(name: str) -> Iterator[str]:
    """
    The lines of a file that are not blank, one at a time; ``-`` is standard input.

    Raises:
        InvalidInputError: It cannot be read, is no file, is not UTF-8, or has a line of more than `LONGEST` bytes.
    """
    with reading(name, Message("Save it as UTF-8")) as file:
        coding = "utf-8-sig"
        while line := file.readline(LONGEST + 1):
            if len(line) > LONGEST:
                raise InvalidInputError(
                    "{name} has a line of more than {largest} KiB",
                    remedy="Write one flow a line",
                    name=quoted(name),
                    largest=LONGEST >> 10,
                )
            text, coding = line.decode(coding), "utf-8"
            if text.strip():
                yield text


@contextmanager
def reading(name: str, remedy: Message) -> Iterator[BinaryIO]:
    """The open file; whatever goes wrong while it is read is said in one line, with *remedy* where it is not UTF-8."""
    try:
        with _opened(name) as file:
            yield file
    except OSError as error:
        raise InvalidInputError(
            "{name} cannot be read: {reason}",
            remedy="Check the path",
            name=quoted(name),
            reason=error.strerror or error,
        ) from None
    except UnicodeDecodeError:
        raise InvalidInputError("{name} is not UTF-8 text", remedy=remedy, name=quoted(name)) from None
    except ValueError as error:
        raise InvalidInputError(
            "{name} is no path: {error}", remedy="Check the path", name=quoted(name), error=error
        ) from None


def _opened(name: str) -> AbstractContextManager[BinaryIO]:
    """Opened without waiting: a named pipe nobody writes to would hold us, and a device may never end."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    if given := _GIVEN.fullmatch(name):
        return os.fdopen(os.dup(int(given[1] or 0)), "rb")
    file = os.fdopen(os.open(name, os.O_RDONLY | _AT_ONCE), "rb")
    mode = os.fstat(file.fileno()).st_mode
    if not stat.S_ISREG(mode):
        file.close()
        kind = next((kind for is_kind, kind in _KINDS if is_kind(mode)), _DEVICE)
        raise InvalidInputError(
            "{name} is {kind}, not a file",
            remedy="Give a file, or - for standard input",
            name=quoted(name),
            kind=kind,
        )
    return file


def require_one_standard_input(names: Sequence[str | None]) -> None:
    """Raises InvalidInputError where several files are ``-``: the first would take all, and the next find nothing."""
    if names.count("-") > 1:
        raise InvalidInputError("Standard input can be only one of the files", remedy="Name the others")


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


def read_documents(name: str) -> list[Any]:
    """
    The JSON or YAML documents in a file, one after another; none in an empty one. An error of tccli is one too.

    Raises:
        InvalidInputError: The file cannot be read, or is neither.
        MissingToolError: It is not JSON, and PyYAML is not installed.
    """
    return text_documents(name, read_text(name))


def text_documents(name: str, text: str) -> list[Any]:
    """
    What `read_documents` says of a file called *name* with that *text*, which was read elsewhere.

    Raises:
        InvalidInputError: The text is neither JSON nor YAML.
        MissingToolError: It is not JSON, and PyYAML is not installed.
    """
    where = quoted(Path(name).name)
    if not text.strip():
        return []
    if error := printed_error(text):
        return [error]
    is_json = name.lower().endswith(".json") or text.lstrip()[:1] in ("{", "[")
    if is_json and text.lstrip()[:1] not in ("{", "["):
        text = after_warnings(text)
    return json_documents(text, where) if is_json else yaml_documents(text, where)


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
    if isinstance(document, Mapping) and "schema" not in document and not {"kind", "Response"}.isdisjoint(document):
        raise InvalidInputError(
            "{name} is an answer of an API, not a snapshot",
            remedy="Make a snapshot of it and of the others with drill assemble",
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


def write_atomically(path: Path, text: str, *, private: bool = False) -> None:
    """
    Write a whole file or nothing. A file that is there keeps its mode, but a *private* one is its owner's alone.

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
        os.chmod(temporary, 0o600 if private else path.stat().st_mode & 0o777 if path.exists() else 0o644)
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
