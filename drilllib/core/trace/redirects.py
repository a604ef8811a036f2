"""Where the CLB sends a client that it redirects: the `Location` of its answer."""

from collections.abc import Sequence

from drilllib.core.snapshot.resources import ForwardingRule, Listener, Redirect
from drilllib.core.trace.answer import Question

_USUAL = {"HTTP": 80, "HTTPS": 443}


def location_of(redirect: Redirect, listeners: Sequence[Listener], question: Question) -> str:
    """
    The URL that the client is sent to; empty where it is not known.

    Listener and rule that are named have to be in the snapshot. The host is the rule's where that is one name, else the
    one that was asked for. The path stays where `TakeUrl` says so or the redirect is an automatic one, or is the
    rule's own already [CLB-FWD, SDK]; else nobody documents it.
    """
    listener = next((each for each in listeners if each.listener_id == redirect.listener_id), None)
    found = [each for each in listener.rules if each.listener.location_id == redirect.location_id] if listener else []
    if listener is None or not found or listener.protocol not in _USUAL:
        return ""
    if not redirect.keeps_path and found[0].url != question.path:
        return ""
    host, port = _host(found[0], question), listener.port
    shown = f"[{host}]" if ":" in host else host
    place = shown if port == _USUAL[listener.protocol] else f"{shown}:{port}"
    return f"{listener.protocol.lower()}://{place}{question.path}"


def _host(rule: ForwardingRule, question: Question) -> str:
    """The rule's own name, unless it has several or a pattern."""
    (host, *others) = rule.hosts
    is_name = bool(host) and not others and not host.startswith("~") and "*" not in host
    return host if is_name else question.host or ""
