"""Where a class is kept: beside its file, a folder with the secret, all that was handed in, and the grades."""

from dataclasses import dataclass, replace
from pathlib import Path

from drilllib.classes.plan import Plan, read_plan
from drilllib.classes.secret import Secret, made_secret, read_secret
from drilllib.classes.study.kept import FORMS, forms_of, make_forms
from drilllib.errors import InvalidInputError, Message, quoted
from drilllib.machine import private

ENDING, SECRET, HANDED_IN, GRADES = ".class", "secret", "handed-in", "grades.sqlite"


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL database by its *url*, and the *schema* in it that is the class's own."""

    url: str
    schema: str

    def __str__(self) -> str:
        return f"{self.url}, schema {self.schema}"


@dataclass(frozen=True)
class Place:
    """A class that was made; *folder* is its own, which nobody but the instructor may read."""

    plan: Plan
    folder: Path
    secret: Secret

    @property
    def handed_in(self) -> Path:
        """The logs that were handed in, a folder a learner."""
        return self.folder / HANDED_IN

    @property
    def grades(self) -> Path | Database:
        """Where the grades are: a file, or the database that the class's file names."""
        return Database(self.plan.store, f"drill_{self.secret.mark}") if self.plan.store else self.folder / GRADES


def folder_of(name: str) -> Path:
    """The folder of the class that is described in the file."""
    return Path(name).with_suffix(ENDING)


def made(name: str) -> Place:
    """
    Make the class of that file; one that was made keeps its secret.

    Raises:
        InvalidInputError: File, roster or folder cannot be used.
    """
    plan, folder = read_plan(name), folder_of(name)
    try:
        private.folder(folder)
    except OSError as error:
        raise InvalidInputError(
            "The folder {folder} cannot be made: {reason}",
            remedy=Message("Put the class's file where you can write"),
            folder=quoted(str(folder)),
            reason=error.strerror or error,
        ) from None
    secret = made_secret(folder / SECRET)
    if plan.test:
        make_forms(folder / FORMS, plan, secret)
    return _place(plan, folder, secret)


def place_of(name: str) -> Place:
    """
    The class of that file.

    Raises:
        InvalidInputError: File or roster cannot be used, or the class was not made.
    """
    plan, folder = read_plan(name), folder_of(name)
    return _place(plan, folder, read_secret(folder / SECRET))


def _place(plan: Plan, folder: Path, secret: Secret) -> Place:
    """With the worlds of its test, where it has one."""
    return Place(replace(plan, forms=forms_of(folder / FORMS, plan)), folder, secret)
