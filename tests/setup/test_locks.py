"""The lists of packages: names and versions, what pyproject.toml asks for, and no more for the course than it needs."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.setup.checkout import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS, GROUPS = PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]
# Left out on purpose, see .ci/lock.
LEFT_OUT = "rfc3987-syntax"


def locked(name: str) -> dict[str, set[str]]:
    """The versions of a lock that count on this machine."""
    lines = [Requirement(line) for line in (ROOT / name).read_text().splitlines()]
    here = [line for line in lines if line.marker is None or line.marker.evaluate()]
    return {line.name: {str(each.specifier) for each in here if each.name == line.name} for line in here}


def resolved(requirements: Iterable[str]) -> set[str]:
    """Everything that these need on this machine, by what the installed packages say of themselves."""
    found, todo = set(), [(Requirement(text), "") for text in requirements]
    done = set()
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if name == LEFT_OUT or (requirement.marker and not requirement.marker.evaluate({"extra": extra})):
            continue
        assert requirement.specifier.contains(metadata.version(name), prereleases=True), str(requirement)
        for wanted in {"", *requirement.extras}:
            if (name, wanted) not in done:
                done.add((name, wanted))
                todo += [(Requirement(text), wanted) for text in metadata.requires(name) or ()]
        found.add(name)
    return found


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_a_lock_has_names_and_versions_only(path: Path) -> None:
    """It has to work behind any mirror."""
    lines = path.read_text().splitlines()
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+==[\w.]+( ; .+)?", line) for line in lines)
    assert not any(line.startswith(f"{LEFT_OUT}==") for line in lines)


def test_no_package_is_in_both_locks_with_different_versions() -> None:
    """`make test` would change what `make course` installed, and the other way round."""
    course, test = locked("requirements.lock"), locked("requirements-test.lock")
    assert {
        name: (course[name], test[name]) for name in course.keys() & test.keys() if course[name] != test[name]
    } == {}


def test_the_course_lock_is_what_the_course_needs() -> None:
    """The extras that the nine notebooks import, and what builds drilllib; nothing for the checks."""
    needed = resolved([*EXTRAS["course"], *EXTRAS["cloud"], *EXTRAS["classes"], *EXTRAS["local"], *GROUPS["build"]])
    assert set(locked("requirements.lock")) == needed


def test_both_locks_together_are_all_that_the_project_asks_for() -> None:
    everything = [
        *(each for extra in EXTRAS.values() for each in extra),
        *GROUPS["build"],
        *(each for each in GROUPS["dev"] if isinstance(each, str)),
    ]
    assert set(locked("requirements.lock")) | set(locked("requirements-test.lock")) == resolved(everything)


def test_the_locked_versions_are_the_installed_ones() -> None:
    """The checks speak of what is in the locks."""
    versions = locked("requirements.lock") | locked("requirements-test.lock")
    assert {name: {f"=={metadata.version(name)}"} for name in versions} == versions


def test_what_builds_drilllib_is_in_the_lock() -> None:
    """The set-up builds without an environment of its own for it."""
    assert set(PROJECT["build-system"]["requires"]) == set(GROUPS["build"])
