"""
`drill doctor`, `drill course` and `drill run`: the course from a terminal.

Each command imports what it needs when it runs, so that `drill --help` and the engine's commands start at once.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from drilllib.cli.output import complain, tell
from drilllib.cli.parsers import command, whole_number
from drilllib.errors import InvalidInputError, quoted

LANGUAGES = ("zh", "en")
WARM, COLD = "warm", "cold"
LEARNERS, NOBODYS = "0.5", "0.05"  # slowness of real packets: a learner may wait 2 s for a 504, a run need not


def add_commands(commands: Any) -> None:
    """Declare the commands and what runs them."""
    _add_course(commands)
    _add_run(commands)
    command(commands, "doctor", _doctor, "say what works on this machine, and what is reduced")


def _add_course(commands: Any) -> None:
    parser = command(
        commands,
        "course",
        _course,
        "open the course in JupyterLab",
        """\
        The notebooks are copied to a folder of yours first; a copy you have edited is never overwritten.
        examples:
          drill course
          drill course 03 --lang en --no-browser --port 8899
          drill course --lab netns""",
    )
    parser.add_argument("notebook", nargs="?", help="notebook to open, such as 03 (the first)")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the notebooks (from the locale)")
    parser.add_argument(
        "--dir", type=Path, default=Path("~/drilllib-course"), help="folder of your copies (%(default)s)"
    )
    parser.add_argument(
        "--port", type=whole_number(1, 65535, "port"), help="port on 127.0.0.1 (the first free one from 8888)"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL")
    _add_lab(parser)


def _course(options: argparse.Namespace) -> int:
    from drilllib.course import copies, jupyter
    from drilllib.views.phrases.language import of_locale

    spoken = options.lang or of_locale()
    name = copies.find_notebook(options.notebook) if options.notebook else copies.notebook_names()[0]
    folder = options.dir.expanduser().resolve()
    os.environ.update(_of_lab(options, LEARNERS))  # which the server and its kernels inherit
    for kept in copies.copy_notebooks(folder):
        tell(f"drill course: kept your edited {kept}; move it away to get the newer version")
    notebook, browser = f"{spoken}/{name}.ipynb", not options.no_browser
    return jupyter.serve(folder, notebook, port=options.port, browser=browser, language=spoken)


def _add_lab(parser: argparse.ArgumentParser) -> None:
    labs, help_ = ("simulated", "netns", "live"), "where to play; netns: real packets, live: your cluster (simulated)"
    parser.add_argument("--lab", choices=labs, help=help_)


def _of_lab(options: argparse.Namespace, slowness: str) -> dict[str, str]:
    """What the kernels' environment says of the lab; one line where real packets cannot be had here."""
    from drilllib.lesson import labs

    found = {labs.SPEED: os.environ.get(labs.SPEED) or slowness}
    if options.lab is None:
        return found
    problem = labs.no_real_packets() if options.lab == labs.NETNS else None
    if problem:
        complain(f"drill {options.command}: {labs.instead(problem)}")
    return {**found, labs.LAB: labs.SIMULATED if problem else options.lab}


def _live_parameters(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """The parameters of the notebooks, and the variables that those which are about the cluster become."""
    given = dict(_parameter(text) for text in options.parameters)
    if options.lab != "live":
        return given, {}
    from drilllib.labs.live.settings import OF_A_PARAMETER

    said = {OF_A_PARAMETER[name]: value for name, value in given.items() if name in OF_A_PARAMETER}
    return {name: value for name, value in given.items() if name not in OF_A_PARAMETER}, said


def _add_run(commands: Any) -> None:
    parser = command(
        commands,
        "run",
        _run,
        "run notebooks headless with papermill",
        """\
        Exit status 0 when every notebook ran, 1 when a cell failed; the notebook and the cell are named.
        examples:
          drill run
          drill run 02 04 --lang zh -p listener=TCP -p semantics=original --out results
          drill run --lab netns
          drill run 02 --lab live -p service=shop/web -p groups=clb=sg-1,node=sg-2,pod=sg-3 -p address=198.51.100.7""",
    )
    parser.add_argument("notebooks", nargs="*", help="notebooks to run, such as 02 (all)")
    parser.add_argument("--lang", choices=(*LANGUAGES, "all"), help="language, or all (from the locale)")
    parser.add_argument(
        "--jobs", type=whole_number(1, 64), default=os.cpu_count() or 1, help="how many at a time (%(default)s)"
    )
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="set a parameter of the notebooks",
    )
    parser.add_argument(
        "--kernel",
        choices=(WARM, COLD),
        default=WARM,
        help="warm: forked from one process, where the system can; cold: each started anew (%(default)s)",
    )
    _add_lab(parser)
    parser.add_argument("--out", type=Path, default=Path("drill-run"), help="folder for the results (%(default)s)")


def _run(options: argparse.Namespace) -> int:
    from drilllib.course import copies, run
    from drilllib.machine import guarded
    from drilllib.views.phrases.language import language

    names = [copies.find_notebook(name) for name in options.notebooks] or copies.notebook_names()
    names = list(dict.fromkeys(names))
    parameters, cluster = _live_parameters(options)
    environment = {**_of_lab(options, NOBODYS), **cluster}
    jobs = 1 if options.lab == "live" else options.jobs  # there is one cluster
    languages = LANGUAGES if options.lang == "all" else (language(options.lang),)
    details = {"parameters": parameters, "environment": environment, "out": options.out, "jobs": jobs}
    found = run.run_notebooks(names, languages=languages, warm=options.kernel == WARM, **details)
    with guarded.exits_on_signals():
        results = list(_with_progress(found, len(names) * len(languages)))
    results.sort(key=lambda result: str(result.output))
    _print_summary(results)
    if options.lab == "live":
        _tell_elsewhere(results)
    return 1 if any(result.problem for result in results) else 0


def _parameter(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise InvalidInputError("The parameter is {text}", remedy="Write -p KEY=VALUE", text=quoted(text))
    return name, value


def _with_progress(results: Any, count: int) -> Any:
    """A progress bar on a terminal; nothing elsewhere."""
    first = next(results)  # papermill, and tqdm with it, is loaded by now
    from tqdm import tqdm

    with tqdm(total=count, unit=" notebooks", disable=None, file=sys.stderr) as bar:
        bar.update()
        yield first
        for result in results:
            bar.update()
            yield result


def _print_summary(results: list[Any]) -> None:
    width = max(len(str(result.output)) for result in results)
    for result in results:
        tell(f"{result.output!s:<{width}}  {'failed' if result.problem else 'ok':<6}  {result.seconds:5.1f} s")
    for result in results:
        if result.problem:
            complain(*f"{result.output}: {result.problem}".split("\n"))


def _tell_elsewhere(results: list[Any]) -> None:
    """Which drills were not played in the cluster, and why: nobody should have to open the notebooks for that."""
    from drilllib.course.elsewhere import played_elsewhere

    for result in results:
        for line in played_elsewhere(result.output) if result.output.exists() else ():
            tell(f"{result.output}: {line}")


def _doctor(options: argparse.Namespace) -> int:
    from drilllib.course import doctor

    findings = doctor.examine()
    width = max(len(each.what) for each in findings)
    for each in findings:
        tell(f"{each.state:<8} {each.what:<{width}}  {each.note}")
    return 1 if any(each.state == "missing" for each in findings) else 0
