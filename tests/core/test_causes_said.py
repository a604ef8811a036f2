"""The text of a trace names the group that drops, and the cause of a Dead target."""

import pytest
from builders import ask, lab
from changes import Change, Document, group_2_closed, group_3_closed, the_listener
from changes_cluster import endpoint_slice, no_endpoints

from drilllib.views.phrases.catalog import say
from drilllib.views.text import trace as text


def shown_of(*changes: Change, lang: str = "en") -> str:
    return text.trace_text(ask(lab(*changes)), lang)


@pytest.mark.parametrize(
    ("lang", "own", "nodes"), [("en", "security group 3", "security group 2"), ("zh", "安全组 3", "安全组 2")]
)
@pytest.mark.parametrize("instance", ["instance read", "instance not read"])
def test_security_group_3_is_never_a_nodes(lang: str, own: str, nodes: str, instance: str) -> None:
    """A pod on its node's own network has no interface: who is sent to group 3 edits the wrong group."""

    def on_the_nodes_network(document: Document) -> None:
        endpoint_slice(document)["endpoints"][0]["addresses"] = ["10.0.35.12"]
        if instance == "instance not read":
            node_b = document["instances"].pop()
            primary = {"NetworkInterfaceId": "eni-nodeb", "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.35.12"}]}
            document["network_interfaces"].append({**primary, "GroupSet": node_b["SecurityGroupIds"]})

    shown = shown_of(on_the_nodes_network, lang=lang)

    assert own not in shown
    assert f"({nodes})" in shown or f"（{nodes}）" in shown
    assert say(lang, "pods_node_dropped") in shown
    assert say(lang, "POD_GROUP_DROPPED") not in shown


def test_a_pods_own_interface_is_security_group_3() -> None:
    assert "(security group 3)" in shown_of(group_3_closed)


def test_a_dead_target_has_its_cause_said_even_where_clients_stop_before() -> None:
    """Probes pass the node's group, which stops clients: the pod's group is why the target is Dead."""
    lines = shown_of(group_2_closed, group_3_closed).splitlines()
    (cause,) = (line for line in lines if line.startswith("probe of ins-nodea001:30713"))

    assert "Pod shop/web-1 (security group 3)" in cause


def test_a_dead_target_has_its_cause_said_where_clients_stop_at_another_thing_that_is_no_group() -> None:
    """Two causes without a group are not the same cause: the probe asks a port of its own."""

    def probes_another_port(document: Document) -> None:
        the_listener(document)["HealthCheck"]["CheckPort"] = 30999

    lines = shown_of(no_endpoints, probes_another_port).splitlines()

    assert any(line.startswith("probe of") and say("en", "NODEPORT_NOT_IN_USE") in line for line in lines)
