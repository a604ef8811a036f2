"""
What a capture still has to read: `needed`, asked again after every round of answers.

From the name of a Service to the end takes five rounds: 1 the API server; 2 the load balancer with its listeners,
targets and health, and the machines; 3 interfaces, cluster, rules of the groups that are known by then; 4 rules of the
pods' groups; 5 templates and members that rules name. Each stage asks by ids that the one before found, and none leads
back, so that it ends whatever is answered. One that learns less asks for less.
"""

from collections.abc import Iterable, Iterator, Mapping

from drilllib.core.capture import calls
from drilllib.core.capture.asks import Answer, Ask, CloudCall, Wanted
from drilllib.core.capture.known import Known, text_of
from drilllib.core.capture.kubernetes_reads import kubernetes_reads
from drilllib.core.capture.leads import Lead, leads
from drilllib.core.capture.machine_calls import cluster_calls, interface_calls, machine_calls
from drilllib.core.capture.regions import regions_of_balancers
from drilllib.core.capture.rule_calls import rule_calls


def needed(answers: Iterable[Answer], wanted: Wanted) -> tuple[Ask, ...]:
    """
    The next round: everything that can be asked by now, each once; empty when nothing is left.

    *answers* are all so far. One that came, or was refused, closes its ask for good.
    """
    known = Known(answers)
    asks: list[Ask] = [*kubernetes_reads(known, wanted), *_cloud_calls(known, wanted)]
    return tuple(each for each in dict.fromkeys(asks) if not known.is_closed(each))


def _cloud_calls(known: Known, wanted: Wanted) -> Iterator[CloudCall]:
    found = leads(known, wanted)
    if wanted.cluster or found:
        yield from cluster_calls(known, wanted)
    if not found:
        return
    regions = regions_of_balancers(known, wanted)
    yield from _balancer_calls(known, found, regions)
    yield from machine_calls(known, wanted)
    yield from interface_calls(known, wanted)
    yield from rule_calls(known, wanted, _regions_by_leads(known, found) | regions)


def _regions_by_leads(known: Known, found: list[Lead]) -> dict[str, str]:
    """The regions that leads name, for every load balancer that was read."""
    region = next((each.region for each in found if each.region), "")
    return dict.fromkeys(sorted(known.ids("DescribeLoadBalancers")), region)


def _balancer_calls(known: Known, found: list[Lead], regions: Mapping[str, str]) -> Iterator[CloudCall]:
    """Load balancers by id, else by tag and address; then what belongs to each, in *regions* where that is another."""
    ids = {each: lead.region for lead in found for each in lead.ids}
    read = known.asked("DescribeLoadBalancers", "LoadBalancerIds") | known.ids("DescribeLoadBalancers")
    for region in sorted(set(ids.values())):
        yield from calls.balancers({each for each in ids if ids[each] == region} - read, region)
    for lead in found:
        if not lead.ids:
            yield from [calls.balancers_of_service(lead.uid, lead.region)] if lead.uid else []
            yield from calls.balancers_at(lead.vips, lead.region)
            ids |= dict.fromkeys(sorted(known.ids("DescribeLoadBalancers")), lead.region)
    ids = {each: region or regions.get(each, "") for each, region in ids.items()}
    for balancer, region in ids.items():
        yield from calls.of_balancer(balancer, region)
    for row in known.rows("DescribeLoadBalancers"):
        if text_of(row.get("LoadBalancerType")).upper() == "INTERNAL":
            name = text_of(row.get("LoadBalancerId"))
            yield calls.addresses_of(name, ids.get(name, ""))
