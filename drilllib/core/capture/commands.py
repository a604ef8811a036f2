"""An ask as a command for a person's own kubectl or tccli, which only reads, and saves the answer into a file."""

import hashlib
import re
from collections.abc import Sequence

from drilllib.core.capture.asks import Ask, CloudCall, KubernetesRead
from drilllib.core.capture.tccli import tccli_words
from drilllib.errors import Message
from drilllib.quoting import Option, shell_line

_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_IS_AN_ANSWER = "grep -q -e code:ResourceNotFound -e code:UnauthorizedOperation"  # in what tccli prints as its error
_LONGEST = 100  # characters of a file's name, without the suffix


def argv(ask: Ask, region: str = "", options: Sequence[str] = ()) -> tuple[str, ...]:
    """
    The words of the command, the program first, which prints JSON on its standard output.

    Args:
        ask: What to read. Of a call with pages it is the page that the call says.
        region: For calls that do not name their own; empty leaves it to tccli's settings.
        options: More words for the program, such as a context or a profile.
    """
    return (*(_kubectl(ask) if isinstance(ask, KubernetesRead) else _tccli(ask, region)), *options)


def _kubectl(ask: KubernetesRead) -> list[str]:
    """Get an object, or a list; the resource with its version and group, so that no other's of that name is meant."""
    resource = f"{ask.resource}.{ask.version}.{ask.group}" if ask.group else ask.resource
    everywhere = [Option("--all-namespaces")] if not ask.namespace and ask.resource in _NAMESPACED else []
    place = [Option("--namespace"), ask.namespace] if ask.namespace else everywhere
    return ["kubectl", "get", resource, *([ask.name] if ask.name else []), *place, Option("--output"), "json"]


_NAMESPACED = (
    *("services", "pods", "configmaps", "endpointslices", "networkpolicies", "ingresses", "httproutes", "gateways"),
    *("securitygrouppolicies", "peerauthentications", "authorizationpolicies"),
)


def _tccli(call: CloudCall, region: str) -> list[str]:
    """A call that prints JSON, whatever tccli's settings say."""
    words = tccli_words(call.service, call.action, call.request, call.region or region, call.version)
    return [*words, Option("--output"), "json"]


def command(ask: Ask, region: str = "", options: Sequence[str] = ()) -> str | Message:
    """
    One line for a shell that saves the answer as `file_name` says; a comment where it cannot be pasted safely.

    Where the command fails no file is left: a kubectl that is refused prints an empty List, as one that finds nothing.
    Of an add-on the error is kept: that there is no such add-on is an answer, and that it may not be asked for is too.
    """
    line, target = shell_line(argv(ask, region, options)), shell_line([file_name(ask)])
    if not isinstance(line, str) or not isinstance(target, str):
        return line
    if isinstance(ask, CloudCall) and ask.action == "DescribeAddon":
        return f"{line} > {target} 2>&1 || {_IS_AN_ANSWER} {target} || rm {target}"
    return f"{line} > {target} || rm {target}"


def file_name(ask: Ask) -> str:
    """
    The name of the file for an answer: of its own for each ask, always the same, and safe as the name of a file.

    It begins with what was asked and with the one thing that it is of, where there is one, since an answer does not
    always say: ``DescribeSecurityGroupPolicies.sg-xxxxxxxx.json``, ``services.shop.web.json``. Else some digits tell
    calls apart. A list of Kubernetes has them too: that all is there is known of the answer to this very command, not
    of some pods.shop.json that a person made with a selector.
    """
    if isinstance(ask, KubernetesRead):
        words = [ask.resource, ask.namespace, ask.name]
        exact = ".".join(filter(None, words)) if ask.name else ""
    else:
        words, exact = _words_of(ask), ""
    name = _PLAIN.sub("_", ".".join(filter(None, words)))[:_LONGEST]
    is_plain = name == exact or (isinstance(ask, CloudCall) and _is_told(ask, words))
    return f"{name}.json" if is_plain else f"{name}.{_digits(ask)}.json"


def _words_of(call: CloudCall) -> list[str]:
    """The action, and the one thing that the answer is of."""
    request = call.request
    single = [request.get(name) for name in _OF_ONE if isinstance(request.get(name), str)]
    listed = [ids[0] for name in _OF_SEVERAL if isinstance(ids := request.get(name), list) and len(ids) == 1]
    return [call.action, *(str(each) for each in (*single, *listed))]


_OF_ONE, _OF_SEVERAL = (
    ("SecurityGroupId", "LoadBalancerId", "ClusterId", "AddonName"),
    ("LoadBalancerIds", "ClusterIds"),
)


def _is_told(call: CloudCall, words: Sequence[str]) -> bool:
    """Does the name say all of the request, but for the length of a page?"""
    others = set(call.request) - {"Limit", *_OF_ONE, *_OF_SEVERAL}
    return len(words) > 1 and not others and not call.region and len(".".join(words)) <= _LONGEST


def _digits(ask: Ask) -> str:
    return hashlib.sha256(repr(ask).encode()).hexdigest()[:8]
