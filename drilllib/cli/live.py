"""What commands that read a real cloud and cluster have in common: their options, the reading, its progress."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from drilllib.cli.output import complain
from drilllib.cli.parsers import whole_number
from drilllib.clients.capture import Captured, Told, capture
from drilllib.clients.every_service import capture_services
from drilllib.clients.settings import DEADLINE_S, Settings
from drilllib.guard.journal import SUFFIX, default_folder
from drilllib.views.phrases.language import language

SUBJECT = "a Service (web, shop/web), ingress/NAME or gateway/NAME before one, a URL, an address, or a CLB's id"


def add_access(parser: argparse.ArgumentParser) -> None:
    """The options that say whom to ask, and by whose keys; `settings_of` reads them."""
    parser.add_argument("-n", "--namespace", default="", metavar="NS", help="of the Service (the context's)")
    parser.add_argument("--context", default="", help="context of the kubeconfig (the current one)")
    parser.add_argument("--kubeconfig", default="", metavar="FILE", help="instead of $KUBECONFIG and ~/.kube/config")
    parser.add_argument("--region", default="", help="such as ap-guangzhou (that of the cluster's nodes)")
    parser.add_argument(
        "--cluster", default="", metavar="ID", help="such as cls-1a2b3c4d (as the load balancer's tag says)"
    )
    parser.add_argument("--profile", default="", help="profile of tccli whose keys are used")
    parser.add_argument("--role", default="", metavar="ARN", help="a role of CAM to take with those keys")
    parser.add_argument(
        "--via", choices=("sdk", "tools"), default="sdk", help="tools: your own kubectl and tccli, no keys for drill"
    )
    parser.add_argument(
        "--timeout",
        type=whole_number(1, 3600),
        default=int(DEADLINE_S),
        metavar="SECONDS",
        help="what was not read by then is a gap (%(default)s)",
    )


def settings_of(options: argparse.Namespace) -> Settings:
    """What the options say."""
    names = ("namespace", "context", "kubeconfig", "region", "cluster", "profile", "role", "via")
    told = {name: getattr(options, name) for name in names}
    impersonated = getattr(options, "impersonated", ())  # kubectl drill's --as
    return Settings(**told, deadline_s=float(options.timeout), impersonated=impersonated)


def read_live(text: str, options: argparse.Namespace) -> Captured:
    """
    Read what belongs to a Service or a URL; a terminal sees how far it is.

    Raises:
        DrillError: Nothing can be read.
    """
    _remind(getattr(options, "lang", None))
    with _progress() as told:
        return capture(text, settings_of(options), os.environ, told=told)


def read_services(options: argparse.Namespace, *, everywhere: bool) -> Captured:
    """
    Read what belongs to every LoadBalancer Service of the namespace, or of all.

    Raises:
        DrillError: Nothing can be read, or there is none.
    """
    with _progress() as told:
        return capture_services(settings_of(options), os.environ, everywhere=everywhere, told=told)


@cache
def _remind(lang: str | None) -> None:
    """Who reads a cloud is told, once, of drills that should be gone: they cost money. Loaded where a journal is."""
    if any(default_folder(os.environ, Path.home()).glob(f"*{SUFFIX}")):
        from drilllib.cli.journals import remind

        remind(language(lang))


@contextmanager
def _progress() -> Iterator[Told]:
    """What hears of each answer: a terminal sees a line, which is gone in the end."""
    shows = sys.stderr.isatty()
    try:
        yield _show if shows else _silent
    finally:
        if shows:
            complain("", start=f"\r{' ' * 40}\r", end="")


def _show(number: int, done: int, of: int) -> None:
    complain(f"round {number}: {done} of {of} answers   ", start="\r", end="")


def _silent(number: int, done: int, of: int) -> None:
    """Nobody looks."""
