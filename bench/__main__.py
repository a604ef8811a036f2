"""
Print every ratio in one run. `python -m bench sets` prints those about whole sets of flows alone, `netns` those about
the real-packet lab, `crowds` those about many nodes and pods, `cloud` those about the cloud on localhost, `run` those
about notebooks, `practice` those about worlds and grades, `class` those about a class, `capture` those about captures,
`diagnosis` those about diagnoses of snapshots. Only when they are named: `setup`, which downloads every package twice,
and `site`, which builds the course for a browser tab and plays it there.

Times differ between machines and with their load; the ratios differ far less. Nothing here fails for being slow. The
exit status is 1 only where drilllib and a peer answer differently.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bench import (
    capture,
    classes,
    clicks,
    cloud,
    crowds,
    curves,
    decisions,
    diagnoses,
    floor,
    flows,
    grades,
    growth,
    netns,
    notebooks,
    practice,
    sets,
    setup,
    site,
    startup,
)
from bench.table import print_table


def main() -> None:
    """Measure and print, the quick parts first."""
    parts = {
        "sets": print_sets,
        "netns": print_netns,
        "cloud": cloud.print_all,
        "run": print_run,
        "setup": print_setup,
        "site": print_site,
        "crowds": print_crowds,
        "practice": print_practice,
        "class": print_classes,
        "capture": print_capture,
        "diagnosis": print_diagnoses,
    }
    if sys.argv[1:]:
        parts[sys.argv[1]]()
        return
    with bytecode_kept():
        columns = ("compared", "ratio", "difference", "budget", "medians")
        print_table(columns, [*startup.rows(), decisions.row()])
    print_run()
    print_table(clicks.COLUMNS, clicks.rows())
    print_table(growth.RULE_COLUMNS, growth.rule_rows())
    print_table(growth.NODE_COLUMNS, growth.node_rows())
    print_crowds()
    print_diagnoses()
    print_capture()
    print_practice()
    print_classes()
    print_sets()
    print_netns()
    cloud.print_all()


def print_setup() -> None:
    """The set-up of a fresh clone."""
    print_table(setup.COLUMNS, setup.rows())


def print_site() -> None:
    """The course in a browser tab."""
    for columns, rows in site.tables():
        print_table(columns, rows)


def print_run() -> None:
    """Notebooks without a page."""
    with bytecode_kept():
        print_table(notebooks.COLUMNS, notebooks.rows())


def print_practice() -> None:
    """Worlds of practice, and grades."""
    print_table(practice.COLUMNS, practice.rows())
    print_table(grades.COLUMNS, grades.rows())


def print_classes() -> None:
    """A class handed in, graded and shown."""
    print_table(classes.COLUMNS, classes.rows())


def print_crowds() -> None:
    """Many nodes and many pods."""
    print_table(crowds.COLUMNS, crowds.rows())
    print_table(floor.COLUMNS, floor.rows())


def print_capture() -> None:
    """A capture with its diagnosis, beside the same calls made bare."""
    print_table(capture.COLUMNS, capture.rows())


def print_diagnoses() -> None:
    """A diagnosis of a snapshot, beside what it is made of."""
    print_table(diagnoses.COLUMNS, diagnoses.rows())


def print_netns() -> None:
    """The real-packet lab."""
    with bytecode_kept():
        print_table(netns.COLUMNS, netns.rows())


def print_sets() -> None:
    """Questions about whole sets of flows, and about flows by the million."""
    print_table(sets.COLUMNS, sets.rows())
    print_table(flows.COLUMNS, flows.rows())
    print_table(curves.GROWTH_COLUMNS, curves.growth_rows())
    print_table(curves.NODE_COLUMNS, curves.node_rows())
    print_table(curves.WORST_COLUMNS, curves.worst_rows())


@contextmanager
def bytecode_kept() -> Iterator[None]:
    """
    Let the processes started here keep compiled modules, in a folder that goes away.

    Some build machines forbid it (PYTHONDONTWRITEBYTECODE), and compile drilllib at every start. No user does.
    """
    if not os.environ.get("PYTHONDONTWRITEBYTECODE"):
        yield
        return
    before = dict(os.environ)
    del os.environ["PYTHONDONTWRITEBYTECODE"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        try:
            yield
        finally:
            del os.environ["PYTHONPYCACHEPREFIX"]
            os.environ.update(before)


if __name__ == "__main__":
    main()
