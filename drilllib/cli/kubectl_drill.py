"""
`kubectl drill`: `drill diagnose` of the cluster that kubectl asks, with kubectl's own flags.

kubectl finds the program kubectl-drill on PATH, and hands it everything behind its name as it was typed.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from drilllib._version import __version__
from drilllib.cli import ended
from drilllib.cli.diagnose import add_arguments, run
from drilllib.cli.live import SUBJECT
from drilllib.cli.output import finish, tell
from drilllib.cli.parsers import EXIT, HelpFormatter, Parser
from drilllib.clients.overrides import NAME, with_context
from drilllib.clients.settings import DEADLINE_S
from drilllib.errors import InvalidInputError, quoted
from drilllib.machine.python import forget_folder

PROGRAM = "kubectl drill"
FORMATS = ("text", "json", "html")
METAVARS = {"kubeconfig": "FILE", "request-timeout": "TIME", "role": "ARN", "tke-cluster": "ID"}
_DURATION = re.compile(r"(\d{1,6})(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, None: 1}
EPILOG = """\
The flags of kubectl stand behind `drill`: kubectl takes none before a plugin's name.
examples:
  kubectl drill svc/web -n shop --from 203.0.113.10
  kubectl drill -A --from 203.0.113.10
  kubectl drill web -n shop --from 203.0.113.10 -o html > ticket.html
exit status: """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. Every error made on purpose becomes one line and exit status 2 or 74."""
    forget_folder()
    options = argparse.Namespace(command="", program=PROGRAM, lang=None)
    return ended(options, lambda: _run(sys.argv[1:] if arguments is None else arguments, options))


def complete(arguments: Sequence[str] | None = None) -> int:
    """What kubectl asks the program kubectl_complete-drill: the flags that the last word may become; no files."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    last = words[-1] if words else ""
    if words[-2:-1] and words[-2] in ("-o", "--output"):
        fitting = [each for each in FORMATS if each.startswith(last)]
    else:
        flags = (name for each in _parser()._actions for name in each.option_strings if name[:2] == "--")
        fitting = [name for name in flags if last.startswith("-") and name.startswith(last)]
    tell(*fitting, ":4")
    return 0


def _run(arguments: Sequence[str], options: argparse.Namespace) -> int:
    try:
        _parser().parse_args(arguments, options)
    except SystemExit:
        finish()  # of --help
        raise
    _translate(options)
    before = os.environ.get("KUBECONFIG")
    try:
        with _cluster(options) as files:
            if files:
                os.environ["KUBECONFIG"], options.kubeconfig, options.context = files, "", NAME
            return run(options)
    finally:
        os.environ.pop("KUBECONFIG", None)
        os.environ.update({} if before is None else {"KUBECONFIG": before})


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog=PROGRAM,
        description="Say what clients of a Service meet, where it stops, the one change to make, what is not known.",
        epilog=EPILOG + EXIT["diagnose"] + "; 2 wrong usage or input.",
        formatter_class=HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("subject", metavar="SERVICE|URL", nargs="*", help=f"{SUBJECT}; or: svc web")
    add_arguments(parser)
    of_kubectl = parser.add_argument_group("flags of kubectl")
    of_kubectl.add_argument("-n", "--namespace", default="", metavar="NS", help="of the Service (the context's)")
    of_kubectl.add_argument("-o", "--output", choices=FORMATS, default="text", help="what is printed (%(default)s)")
    for name, help_text in (
        ("context", "context of the kubeconfig (the current one)"),
        ("kubeconfig", "file instead of $KUBECONFIG and ~/.kube/config"),
        ("cluster", "cluster of the kubeconfig, instead of the context's"),
        ("user", "user of the kubeconfig, instead of the context's"),
        ("as", "user to read the cluster as"),
        ("request-timeout", "such as 30s: what was not read by then, all together, is a gap"),
    ):
        dest = f"kubectl_{name.replace('-', '_')}"
        of_kubectl.add_argument(f"--{name}", dest=dest, metavar=METAVARS.get(name, "NAME"), default="", help=help_text)
    of_kubectl.add_argument(
        "--as-group", action="append", default=[], metavar="NAME", help="group to read the cluster as"
    )
    of_cloud = parser.add_argument_group("whose keys read the cloud, as of drill diagnose")
    of_cloud.add_argument("--via", choices=("sdk", "tools"), default="sdk", help="tools: your own kubectl and tccli")
    for name, help_text in (
        ("region", "such as ap-guangzhou (that of the cluster's nodes)"),
        ("profile", "profile of tccli whose keys are used"),
        ("role", "a role of CAM to take with those keys"),
        ("tke-cluster", "such as cls-1a2b3c4d (as the load balancer's tag says)"),
    ):
        of_cloud.add_argument(f"--{name}", metavar=METAVARS.get(name, "NAME"), default="", help=help_text)
    return parser


def _translate(options: argparse.Namespace) -> None:
    """Kubectl's flags in the words of `drill diagnose`."""
    options.subject = "/".join(options.subject)
    options.context, options.kubeconfig = options.kubectl_context, options.kubectl_kubeconfig
    options.cluster = options.tke_cluster
    options.timeout = seconds(options.kubectl_request_timeout) or DEADLINE_S
    user, groups = options.kubectl_as, options.as_group
    if groups and not user:
        raise InvalidInputError("--as-group was given without --as", remedy="Name the user, too")
    options.impersonated = (*((("User", user),) if user else ()), *(("Group", each) for each in groups))
    options.json = options.json or options.output == "json"
    options.page = options.output == "html"


def seconds(text: str) -> float:
    """
    A duration as kubectl takes it: a number of seconds, or with ms, s, m, h; 0, and empty, is no limit.

    Raises:
        InvalidInputError: It is none.
    """
    if not text:
        return 0.0
    found = _DURATION.fullmatch(text)
    if not found:
        raise InvalidInputError(
            "--request-timeout is {text}", remedy="Write a duration such as 30s or 2m", text=quoted(text)
        )
    return int(found[1]) * _SECONDS[found[2]]


def _cluster(options: argparse.Namespace) -> AbstractContextManager[str]:
    """A kubeconfig with the cluster and the user that were named; empty where none was."""
    cluster, user = options.kubectl_cluster, options.kubectl_user
    if not (cluster or user):
        return nullcontext("")
    named = {"kubeconfig": options.kubeconfig, "context": options.context, "cluster": cluster, "user": user}
    return with_context(os.environ, **named)


if __name__ == "__main__":  # as the wrapper of a local cloud runs it
    sys.exit(main())
