"""The `drill` command: arguments in, one call, text and an exit status out."""

import argparse
import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module

from drilllib._version import __version__
from drilllib.cli.machine import LackingError, lacking
from drilllib.cli.output import OutputError, ReaderGoneError, complain, finish, prepare
from drilllib.cli.parsers import BEYOND_US, EXIT, HelpFormatter, Parser
from drilllib.errors import DrillError
from drilllib.machine.python import forget_folder

# The modules with commands, in the order of the help; each command stands in the module of its name, but for these.
MODULES = (
    *("course", "diagnose", "trace", "reach", "fix", "lint", "diff", "check", "decide", "assemble", "example"),
    *("changes", "capture", "render", "up", "down", "lab", "cloud", "shell", "verify", "practice", "grade", "progress"),
    *("author", "site", "classes"),
)
COMMANDS = {name: name for name in MODULES}
COMMANDS |= {"run": "course", "doctor": "course", "rollback": "changes", "ls": "down", "class": "classes"}

EPILOG = """\
start here:
  drill course                                           open the course in JupyterLab
  drill example original-drill lab                       write a broken Service as files into ./lab
  drill diagnose lab/snapshot.json --from 203.0.113.10   say what stops its packets, and what to change

Answers are in Chinese with --lang zh, or where the locale is Chinese; help is in English.

exit status (2 is wrong usage or input, 74 that the machine has no room, memory, file or process left or that the
output cannot be written, 70 a bug in drilllib):
""" + "\n".join(f"  {name:<7}  {told}" for name, told in EXIT.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Every error made on purpose becomes one line and exit status 2 or 74."""
    forget_folder()
    options = argparse.Namespace(command="", lang=None)
    return ended(options, lambda: _run(arguments, options))


def ended(options: argparse.Namespace, work: Callable[[], int]) -> int:
    """The exit status of *work*, whatever it ends with; *options* say its name and the reader's language."""
    try:
        prepare()
        status = work()
        finish()
        return status
    except DrillError as error:
        return _refused(error, options)
    except KeyboardInterrupt:
        complain(f"{_name(options)}: interrupted")
        return 130
    except ReaderGoneError:
        return 141
    except Exception as error:
        lack = lacking(error)
        if lack is not None:
            return _refused(lack, options)
        import traceback

        complain(*"".join(traceback.format_exception(error)).rstrip().split("\n"))
        complain(f"{_name(options)}: this is a bug in drilllib, not a verdict; please report it")
        return 70


def _run(arguments: Sequence[str] | None, options: argparse.Namespace) -> int:
    given, words = split(sys.argv[1:] if arguments is None else arguments)
    parser = _parser_alone(given) if arguments is None else _parser(_modules(given))
    try:
        parser.parse_args(given, options)
    except SystemExit:
        finish()  # of --help
        raise
    options.words = words
    status: int = options.run(options)
    return status


def _refused(error: DrillError, options: argparse.Namespace) -> int:
    complain(f"{_name(options)}: {_said(error, options)}")
    return BEYOND_US if isinstance(error, OutputError | LackingError) else 2


def _name(options: argparse.Namespace) -> str:
    return f"{getattr(options, 'program', 'drill')} {options.command}".strip()


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments for drill, and the command after `--` of `drill shell`, which is nobody's but the host's."""
    given = list(arguments)
    place = given.index("--") if given[:1] == ["shell"] and "--" in given else len(given)
    return given[:place], given[place + 1 :]


def _said(error: DrillError, options: argparse.Namespace) -> str:
    """The error in the reader's language. The catalogues are loaded only where there is one to say."""
    try:
        from drilllib.views.phrases.language import translator

        return error.text(translator(getattr(options, "lang", None)))
    except (OSError, MemoryError, ImportError):  # no file can be opened any more, or no memory be had for it
        return str(error)


def _modules(given: Sequence[str]) -> Iterable[str]:
    """The modules to load: the one of the command given, none for the version alone, else all."""
    if list(given) == ["--version"]:
        return ()
    return MODULES if not given or given[0] not in COMMANDS else (COMMANDS[given[0]],)


def _parser_alone(given: Sequence[str]) -> argparse.ArgumentParser:
    """
    The parser, in a process of its own: nothing that is loaded for it is ever garbage.

    To look for garbage among it, while it is loaded and once more in the end, takes an eighth of a short command.
    """
    gc.disable()
    parser = _parser(_modules(given))
    gc.freeze()
    gc.enable()
    return parser


def _parser(modules: Iterable[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog="drill",
        description="Find and repair security-group faults on Tencent Cloud TKE.",
        epilog=EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"drill {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in modules:
        import_module(f"drilllib.cli.{name}").add_commands(commands)
    return parser
