"""
Which forwarding rule of a layer-7 listener takes a request: by host, then by path [CLB-FWD].

Hosts: the exact name, then ``*.suffix``, then ``prefix.*``, then a regular expression; of several of one kind the order
is not documented. A request that no host matches goes to the default domain. Paths: ``=`` exactly, then ``^~``, then
regular expressions, then plain paths, of several the longest. Regular expressions are the CLB's own dialect: where one
might decide, we do not.
"""

from collections.abc import Sequence

from drilllib.core.facts import Fact, FactCode, fact
from drilllib.core.snapshot.resources import ForwardingRule


def forwarding_rule(rules: Sequence[ForwardingRule], host: str, path: str) -> tuple[ForwardingRule | None, Fact | None]:
    """The rule for *host* and *path*, or what about it cannot be told; neither where no rule takes the request."""
    hostless = next((rule for rule in rules if not any(rule.hosts)), None)
    if hostless is not None:
        return None, fact(FactCode.RULE_HOST, rule=hostless.listener.location_id)
    rules, unknown = _for_host(rules, host.casefold())
    pathless = next((rule for rule in rules if not rule.url), None)
    if pathless is not None:
        unknown = fact(FactCode.RULE_PATH, rule=pathless.listener.location_id)
    return (None, unknown) if unknown else _for_path(rules, path)


def _for_host(rules: Sequence[ForwardingRule], host: str) -> tuple[Sequence[ForwardingRule], Fact | None]:
    """The rules of the best matching host, or else of the default domain."""
    for fits in (_is_exactly, _ends_like, _begins_like):
        found = {name for rule in rules for name in rule.hosts if fits(name, host)}
        if len(found) > 1:
            return [], fact(FactCode.HOST_OF_SEVERAL, names=", ".join(sorted(found)), host=host)
        if found:
            return [rule for rule in rules if found & set(rule.hosts)], None
    expressions = [name for rule in rules for name in rule.hosts if name.startswith("~")]
    if expressions:
        return [], fact(FactCode.HOST_MATCHES, host=host, expression=expressions[0])
    default = {name for rule in rules if rule.is_default for name in rule.hosts}
    return [rule for rule in rules if default & set(rule.hosts)], None


def _is_exactly(name: str, host: str) -> bool:
    return name == host


def _ends_like(name: str, host: str) -> bool:
    return name.startswith("*") and host.endswith(name[1:])


def _begins_like(name: str, host: str) -> bool:
    return name.endswith("*") and not name.startswith("~") and host.startswith(name[:-1])


def _for_path(rules: Sequence[ForwardingRule], path: str) -> tuple[ForwardingRule | None, Fact | None]:
    urls = [(rule.url, rule) for rule in rules]
    for url, rule in urls:
        if url.startswith("=") and url[1:].strip() == path:
            return rule, None
    preferred = _longest([(url[2:].strip(), rule) for url, rule in urls if url.startswith("^~")], path)
    if preferred:
        return preferred, None
    expressions = [url for url, _ in urls if url.startswith("~")]
    if expressions:
        return None, fact(FactCode.PATH_MATCHES, path=path, expression=expressions[0])
    return _longest([(url, rule) for url, rule in urls if url.startswith("/")], path), None


def _longest(urls: list[tuple[str, ForwardingRule]], path: str) -> ForwardingRule | None:
    """Of the paths that *path* begins with, the longest."""
    fitting = [(len(url), rule) for url, rule in urls if path.startswith(url)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None
