"""Grades as Parquet, for analysis: the rows of the CSV, with types. pyarrow writes it, which is an extra."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from drilllib.classes.tally import COLUMNS, Counted
from drilllib.errors import InvalidInputError, MissingToolError, quoted

FLAGS = ("counts", "late", "localised", "repaired", "restrained", "passed")
NUMBERS = ("level", "spent", "hints", "line")


def write_parquet(path: Path, logs: Sequence[Counted]) -> None:
    """
    Write all of it, or nothing, without names of learners; seeds and times are texts, as in the CSV.

    Raises:
        MissingToolError: pyarrow is not installed.
        InvalidInputError: The file cannot be written.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise MissingToolError(
            "Parquet is written by pyarrow, which is not installed",
            remedy="Install it: pip install 'drilllib[parquet]', or use --csv",
        ) from None
    kinds = {**dict.fromkeys(FLAGS, pa.bool_()), **dict.fromkeys(NUMBERS, pa.int64())}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    rows = [each.values() for each in logs]
    columns = {name: [each[name] for each in rows] for name in COLUMNS}
    table = pa.table(columns, schema=schema)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
            written = Path(folder, "grades")
            parquet.write_table(table, written)
            os.replace(written, path)
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be written: {reason}",
            remedy="Name a folder that exists and lets you write",
            path=quoted(str(path)),
            reason=error.strerror or error,
        ) from None
