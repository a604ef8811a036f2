"""The `drill` command: arguments in, one call, text and an exit status out."""

import argparse
import io
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib import import_module

from drilllib._version import __version__
from drilllib.cli.parsers import EXIT
from drilllib.errors import DrillError

# The modules with commands, in the order of the help; each command stands in the module of its name, but for these.
MODULES = (
    *("course", "trace", "reach", "fix", "lint", "diff", "check", "decide", "example", "render", "lab", "cloud"),
    *("shell", "verify"),
)
COMMANDS = {name: name for name in MODULES} | {"run": "course", "doctor": "course"}

EPILOG = """\
start here:
  drill course                       open the course in JupyterLab
  drill example original-drill lab   write a broken Service as files into ./lab
  drill trace lab/snapshot.json      say where its packets stop, and why

Answers are in Chinese with --lang zh, or where the locale is Chinese; help is in English.

exit status (2 is wrong usage or input):
""" + "\n".join(f"  {name:<7}  {told}" for name, told in EXIT.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Every error made on purpose becomes one line and exit status 2."""
    given, words = split(sys.argv[1:] if arguments is None else arguments)
    options = _parser(_modules(given)).parse_args(given)
    options.words = words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name no terminal can show is escaped, and no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except DrillError as error:
        print(f"drill {options.command}: {_said(error, options)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"drill {options.command}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except Exception:
        traceback.print_exc()
        print(f"drill {options.command}: this is a bug in drilllib, not a verdict; please report it", file=sys.stderr)
        return 70


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments for drill, and the command after `--` of `drill shell`, which is nobody's but the host's."""
    given = list(arguments)
    place = given.index("--") if given[:1] == ["shell"] and "--" in given else len(given)
    return given[:place], given[place + 1 :]


def _said(error: DrillError, options: argparse.Namespace) -> str:
    """The error in the reader's language. The catalogues are loaded only where there is one to say."""
    from drilllib.views.phrases.language import translator

    return error.text(translator(getattr(options, "lang", None)))


def _modules(given: Sequence[str]) -> Iterable[str]:
    """The modules to load: the one of the command given, none for the version alone, else all."""
    if list(given) == ["--version"]:
        return ()
    return MODULES if not given or given[0] not in COMMANDS else (COMMANDS[given[0]],)


def _parser(modules: Iterable[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drill",
        description="Find and repair security-group faults on Tencent Cloud TKE.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"drill {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in modules:
        import_module(f"drilllib.cli.{name}").add_commands(commands)
    return parser
