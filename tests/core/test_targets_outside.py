"""A registered instance that is no Node of the cluster: no kube-proxy is there to forward a NodePort."""

from copy import deepcopy

import pytest
from builders import ask, fate, health, hop, lab
from changes import Document, observed, second_target
from changes_cluster import local_policy, objects
from changes_doubtful import target_outside
from changes_real import health_check_port, not_complete, without_node_object

from drilllib.core.facts import FactCode, fact
from drilllib.core.reach.bypass import past_clb
from drilllib.core.reach.clients import reach
from drilllib.core.trace.answer import Question

OUTSIDE = (fact(FactCode.NODE_OF_CLUSTER, node="legacy"),)


def no_nodes(document: Document) -> None:
    """Nodes were not asked for."""
    document["kubernetes"] = [each for each in document["kubernetes"] if each["kind"] != "Node"]
    not_complete(document)


def test_what_listens_on_a_machine_outside_is_not_known(listener: str) -> None:
    answer = ask(lab(target_outside, listener=listener))

    assert (answer.verdict, answer.gaps, health(answer)) == ("undetermined", OUTSIDE, ["Unknown"])
    assert [each.hop for each in answer.paths[0].hops] == ["clb", "node"]


def test_it_needs_no_claim_that_all_nodes_are_here() -> None:
    """Nor that any was asked for: whoever did not knows of none whether it is one."""
    assert ask(lab(target_outside, not_complete)).gaps == OUTSIDE
    assert ask(lab(target_outside, no_nodes)).gaps == OUTSIDE
    assert ask(lab(no_nodes)).gaps[0].code is FactCode.NODE_OF_CLUSTER


def test_where_no_node_was_read_each_instance_may_be_asked_past_the_clb() -> None:
    """Whether it forwards is not known; whoever asks who gets past the CLB is told of it."""
    case = lab(no_nodes)
    (reached,) = reach(case, Question(service="shop/web"))
    names = {name for each in past_clb(case, reached) for name in each.names}

    assert len(names) == 3


def test_a_pod_tells_that_its_host_is_a_node() -> None:
    def hosts_a_pod(document: Document) -> None:
        agent = deepcopy(next(objects(document, "Pod")))
        agent["metadata"] = {"namespace": "kube-system", "name": "agent"}
        agent["spec"] |= {"nodeName": "legacy", "hostNetwork": True}
        agent["status"] = {"hostIP": "10.0.35.77", "podIP": "10.0.35.77"}
        document["kubernetes"].append(agent)

    assert ask(lab(target_outside, hosts_a_pod)).verdict == "reachable"
    assert ask(lab(without_node_object, not_complete)).gaps[0].code is FactCode.NODE_OF_CLUSTER


@pytest.mark.parametrize("container", [{}, {"ports": [{"containerPort": 9, "hostPort": 9}]}])
def test_a_pod_that_names_no_node_tells_nothing_of_machines_elsewhere(container: Document) -> None:
    """It is on some node's network, or asks it for a port: not on that of every machine that nobody names."""

    def another_host(document: Document) -> None:
        spec = {"hostNetwork": not container, "containers": [{"name": "agent", **container}]}
        status = {"hostIP": "10.0.35.78", "podIP": "10.0.35.78"}
        metadata = {"namespace": "kube-system", "name": "agent"}
        document["kubernetes"].append({"kind": "Pod", "metadata": metadata, "spec": spec, "status": status})

    assert ask(lab(target_outside, another_host)).gaps == OUTSIDE


def test_one_of_two_targets_outside_makes_layer_4_undetermined() -> None:
    case = target_outside, second_target

    assert ask(lab(*case, listener="TCP")).verdict == "undetermined"
    assert ask(lab(*case, listener="HTTP")).verdict == "reachable"


def test_a_probe_that_was_answered_shows_that_something_listens(listener: str) -> None:
    """Whatever the Service does: it is not asked."""
    answer = ask(lab(target_outside, observed("Alive"), local_policy, listener=listener))

    assert fate(answer) == "reachable: 200"
    assert hop(answer, "node").assumptions[-1] == "ALIVE_TARGET_LISTENS"


def test_no_kube_proxy_answers_probes_there() -> None:
    answer = ask(lab(target_outside, health_check_port()))

    assert health(answer) == ["Unknown"]
    assert answer.health[0].gaps[0].code is FactCode.NODE_OF_CLUSTER


def instance_outside(document: Document) -> None:
    """DescribeInstances answers for the whole region."""
    document["instances"].append({"InstanceId": "ins-db", "PrivateIpAddresses": ["10.0.99.1"], "SecurityGroupIds": []})


def test_reach_names_no_machine_outside_as_a_way_past_the_clb() -> None:
    snapshot = lab(instance_outside)
    (reached,) = reach(snapshot, Question(client="", service="shop/web"))

    assert {name for each in past_clb(snapshot, reached) for name in each.names} == {"node-a", "node-b", "shop/web-1"}


def test_what_is_not_known_to_listen_may_refuse_as_well_as_stay_silent() -> None:
    """A machine's kernel refuses where nothing listens; a filter of its own drops."""
    http, tcp = (ask(lab(target_outside, listener=kind)) for kind in ("HTTP", "TCP"))

    assert {each.status for each in http.symptoms} == {200, 502, 504}
    assert {each.kind for each in tcp.symptoms} == {"http", "refused", "connect_timeout"}
