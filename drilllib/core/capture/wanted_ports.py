"""The ports at which Services want listeners of a load balancer: `ports_without`."""

from collections.abc import Iterator, Mapping, Sequence

from drilllib.core.capture.asks import Answer
from drilllib.core.capture.known import Item, Known, inside, items_in, text_of, texts_in
from drilllib.core.capture.leads import is_balanced, lead


def ports_without(balancer: str, listeners: Sequence[Mapping[str, object]], answers: Sequence[Answer]) -> set[object]:
    """
    The ports of the balancer's Services that no listener has: it may be missing, or was not asked for.

    A Service that says no load balancer is the only balancer's.
    """
    known = Known(answers)
    ours = [each for each in known.objects("Service") if is_balanced(each) and _is_of(balancer, each, known)]
    wanted = {each.get("port") for service in ours for each in items_in(inside(service, "spec", "ports"))}
    has = {port for each in listeners for port in _ports(each)}
    return {each for each in wanted if type(each) is int and each not in has}


def _is_of(balancer: str, service: Item, known: Known) -> bool:
    told, rows = lead(service), known.rows("DescribeLoadBalancers")
    if told.ids:
        return balancer in told.ids
    mine = [row for row in rows if text_of(row.get("LoadBalancerId")) == balancer]
    if told.vips and mine:
        return any(vip in told.vips for row in mine for vip in texts_in(row.get("LoadBalancerVips")))
    return len(known.ids("DescribeLoadBalancers")) <= 1


def _ports(listener: Mapping[str, object]) -> Iterator[int]:
    """The ports of a listener: one, or a range of a few."""
    first, last = listener.get("Port"), listener.get("EndPort")
    if type(first) is int:
        yield from range(first, last + 1) if type(last) is int and first < last < 1 << 16 else [first]
