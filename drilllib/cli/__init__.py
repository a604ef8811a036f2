"""The `drill` command: arguments in, one call, text and an exit status out."""

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence

from drilllib._version import __version__
from drilllib.cli import (
    check,
    cloud,
    course,
    decide,
    diff,
    example,
    fix,
    lab,
    lint,
    reach,
    render,
    shell,
    trace,
    verify,
)
from drilllib.cli.parsers import EXIT
from drilllib.errors import DrillError

EPILOG = """\
start here:
  drill course                       open the course in JupyterLab
  drill example original-drill lab   write a broken Service as files into ./lab
  drill trace lab/snapshot.json      say where its packets stop, and why

Answers are in Chinese with --lang zh, or where the locale is Chinese; help and errors are in English.

exit status (2 is wrong usage or input):
""" + "\n".join(f"  {name:<7}  {told}" for name, told in EXIT.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Every error made on purpose becomes one line and exit status 2."""
    parser = _parser()
    given, words = shell.split(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(given)
    options.words = words
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name no terminal can show is escaped, and no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        status = options.run(options)
        sys.stdout.flush()
        return status
    except DrillError as error:
        print(f"drill {options.command}: {error}", file=sys.stderr)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drill",
        description="Find and repair security-group faults on Tencent Cloud TKE.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"drill {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for part in (course, trace, reach, fix, lint, diff, check, decide, example, render, lab, cloud, shell, verify):
        part.add_commands(commands)
    return parser
