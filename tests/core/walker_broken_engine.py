"""The engine with one line of its source exchanged, for test_walker_engine_mutants.py."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

from walker_comparison import Engine

import drilllib
from drilllib import core

PACKAGE = core.__name__
FOLDER = Path(core.__file__).parent


class Exchanged(MetaPathFinder, Loader):
    """Finds one module of the engine, and loads other code in its place."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Only the one module."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        exec(self.code, vars(module))


def source_of(module: str) -> Path:
    """The file of a module of the core, such as `trace.walker`."""
    return FOLDER.joinpath(*module.split(".")).with_suffix(".py")


def with_line(module: str, old: str, new: str) -> str:
    """A module's source with one line exchanged, which has to be there just once."""
    lines = source_of(module).read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if line.strip() == old]
    assert len(places) == 1, f"{module} has this line {len(places)} times, renew the mutant: {old}"
    (place,) = places
    lines[place] = lines[place].replace(old, new)
    return "\n".join(lines)


def broken_engine(module: str, old: str, new: str) -> Engine:
    """A second engine, imported beside the sound one."""
    path = source_of(module)
    code = compile(with_line(module, old, new), str(path), "exec")
    with engine_set_aside(), first_found(Exchanged(f"{PACKAGE}.{module}", path, code)):
        parts = [
            importlib.import_module(f"{PACKAGE}.{name}")
            for name in ("trace.request", "snapshot.snapshot", "trace.answer")
        ]
    request, snapshot, answer = parts
    return lambda document, question: request.trace(snapshot.Snapshot(document), answer.Question(**question)).to_dict()


@contextmanager
def engine_set_aside() -> Iterator[None]:
    """Within, the engine's modules are imported anew; afterwards the sound ones are back."""
    sound = {name: module for name, module in sys.modules.items() if is_ours(name)}
    forget()
    try:
        yield
    finally:
        forget()
        sys.modules.update(sound)
        drilllib.core = sound[PACKAGE]


@contextmanager
def first_found(finder: MetaPathFinder) -> Iterator[None]:
    """Within, this finder is asked before the others."""
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def is_ours(name: str) -> bool:
    """Whether a module belongs to the engine."""
    return name == PACKAGE or name.startswith(f"{PACKAGE}.")


def forget() -> None:
    """The engine's modules as if they had never been imported."""
    for name in [name for name in sys.modules if is_ours(name)]:
        del sys.modules[name]
