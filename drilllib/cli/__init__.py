"""The `drill` command: arguments in, one call, text and an exit status out."""

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence

from drilllib import __version__
from drilllib.cli import check, course, decide, deploy, diff, example, fix, lint, reach, trace, verify
from drilllib.errors import DrillError

EPILOG = """\
start here:
  drill course                       open the course in JupyterLab
  drill example original-drill lab   write a broken Service as files into ./lab
  drill trace lab/snapshot.json      say where its packets stop, and why

exit status of decide and trace: 0 accepted, reachable; 1 dropped, unreachable, intermittent;
3 undetermined; 2 wrong usage or input.
exit status of reach: 0 answered; 2 wrong usage or input.
exit status of diff: 0 no difference; 1 some; 2 wrong usage or input.
exit status of lint: 0 nothing as bad as --fail-on; 1 something; 2 wrong usage or input.
exit status of check: 0 all hold; 1 some fail; 3 none fails, some undetermined; 2 wrong usage or input."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Every error made on purpose becomes one line and exit status 2."""
    parser = _parser()
    options = parser.parse_args(arguments)
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
    for part in (course, trace, reach, fix, lint, diff, check, decide, example, deploy, verify):
        part.add_commands(commands)
    return parser
