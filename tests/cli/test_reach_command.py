"""`drill reach` as a terminal sees it: who reaches a Service, and what groups accept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drilllib.cli import main
from drilllib.cli import reach as reach_command
from drilllib.core.drills.default_lab import NODE_GROUP, SERVICE, default_lab, policy
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.networks import two_workloads
from drilllib.errors import TooComplexError

Write = Callable[[str, Any], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a document as JSON, and return the file's name."""

    def written(name: str, document: Any) -> str:
        (tmp_path / name).write_text(json.dumps(document))
        return str(tmp_path / name)

    return written


@pytest.fixture
def printed(capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """What a command prints that answers."""

    def run(*arguments: str) -> str:
        assert main([*arguments, *([] if "--lang" in arguments else ["--lang", "en"])]) == 0
        return capsys.readouterr().out

    return run


def group(*ingress: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "1", "Ingress": list(ingress), "Egress": []}


def test_the_healthy_lab_in_both_languages(write: Write, printed) -> None:
    lab = write("lab.json", default_lab())
    english, chinese = (printed("reach", lab, "--lang", language).splitlines() for language in ("en", "zh"))

    assert english[:3] == [
        "shop/web 192.0.2.10:80 TCP, HTTP listener",
        "  always        203.0.113.0/24  [DELIVERED: delivered]",
        "  never         everyone else  [CLB_GROUP_DROPPED: the CLB's security group drops it]",
    ]
    assert chinese[:3] == [
        "shop/web 192.0.2.10:80 TCP，HTTP 监听器",
        "  始终可达  203.0.113.0/24  [DELIVERED: 已送达]",
        "  不可达    其余所有客户端  [CLB_GROUP_DROPPED: 被 CLB 的安全组丢弃]",
    ]
    assert "Addresses of nodes and pods are left out" in "\n".join(english)
    assert "Private addresses are left out too: a public VIP sees" in "\n".join(english)


def test_every_port_is_a_part_of_its_own(write: Write, printed) -> None:
    """A port nobody listens on is as telling as one that works; --port asks for one of them."""
    document = default_lab()
    service = next(item for item in document["kubernetes"] if item["kind"] == "Service")
    service["spec"]["ports"].append({"name": "admin", "port": 8080, "protocol": "TCP", "nodePort": 30800})
    lab = write("lab.json", document)

    told = json.loads(printed("reach", lab, "--json"))
    assert told["schema"] == "drilllib/reach/1"
    assert [(each["port"], each["always"]) for each in told["ports"]] == [(80, ["203.0.113.0/24"]), (8080, [])]
    one = json.loads(printed("reach", lab, "--json", "--port", "8080"))
    assert [each["classes"][0]["reason"] for each in one["ports"]] == ["NO_LISTENER"]
    assert "everyone  [NO_LISTENER: " in printed("reach", lab, "--port", "8080")


def test_a_vip_is_asked_on_every_port_it_listens_on(write: Write, printed) -> None:
    lab = write("lab.json", default_lab())
    told = json.loads(printed("reach", lab, "--vip", "192.0.2.10", "--json"))
    assert [(each["vip"], each["port"], each["always"]) for each in told["ports"]] == [
        ("192.0.2.10", 80, ["203.0.113.0/24"])
    ]


def test_what_is_undetermined_names_the_missing_fact(write: Write, printed) -> None:
    document = default_lab()
    del document["security_groups"]["sg-node0001"]
    text = printed("reach", write("lab.json", document))
    assert "  undetermined  203.0.113.0/24  [FACT_MISSING: a fact is missing; not known: the ingress rules of" in text


def test_many_blocks_are_counted_where_others_are_everyone_else(write: Write, printed) -> None:
    """Seven blocks on one line would hide what matters; the largest stands for them."""
    document = default_lab()
    for name, port in (("sg-clb00001", "80"), ("sg-node0001", "30713")):
        rules = document["security_groups"][name]["SecurityGroupPolicySet"]["Ingress"]
        rules[:] = [policy("ACCEPT", "TCP", f"203.0.{2 * n}.0/{24 + n % 2}", port) for n in range(8)]
    assert "always        8 blocks, such as 203.0.0.0/24  [" in printed("reach", write("lab.json", document))


@pytest.mark.parametrize(
    ("bound", "lines"),
    [
        (["sg-node0001"], ["ins-nodea001 (sg-node0001) ingress: what is accepted"]),
        (
            [],
            ["ins-nodea001 (no security group is bound here) ingress: what is accepted", "  ACCEPT ALL 0.0.0.0/0 ALL"],
        ),
        (None, ["ins-nodea001 (groups not read) ingress: what is accepted", "  UNDETERMINED ALL 0.0.0.0/0 ALL"]),
    ],
    ids=["bound", "none", "not read"],
)
def test_an_interface_accepts_what_its_groups_do(bound, lines: list[str], write: Write, printed) -> None:
    """Without a group everything passes; where nobody read them nothing is known."""
    document = default_lab()
    document["instances"][0]["SecurityGroupIds"] = bound
    text = printed("reach", write("lab.json", document), "--interface", "ins-nodea001")
    assert all(line in text for line in lines)
    assert ("  ACCEPT TCP 203.0.113.0/24 30713\n  DROP everything else" in text) == bool(bound)


def test_the_direction_picks_the_list(write: Write, printed) -> None:
    lab = write("lab.json", default_lab())
    told = json.loads(printed("reach", lab, "--interface", "lb-lab00001", "--direction", "egress", "--json"))
    assert told["direction"] == "egress"
    assert [(box["protocol"], box["source"]) for box in told["accepted"]] == [("ALL", "0.0.0.0/0")]


def test_groups_are_read_in_their_order(write: Write, printed) -> None:
    shut = write("shut.json", group(policy("DROP", "TCP", "203.0.113.0/24", "22")))
    wide = write("wide.json", group(policy("ACCEPT", "TCP", "203.0.113.0/24", "20-25")))

    def ports(*names: str) -> list[str]:
        return [box["ports"] for box in json.loads(printed("reach", *names, "--json"))["accepted"]]

    assert ports(shut, wide) == ["20-21", "23-25"]
    assert ports(wide, shut) == ["20-25"]


def test_lines_may_overlap_and_boxes_do_not(write: Write, printed) -> None:
    """Few lines are for people; a program that adds boxes up counts no flow twice."""
    private = policy("ACCEPT", "ALL", "10.0.0.0/8", "ALL")
    name = write("sg.json", group(private, policy("ACCEPT", "TCP", "0.0.0.0/0", "80")))

    lines = printed("reach", name).splitlines()
    assert lines[1:] == ["  ACCEPT ALL 10.0.0.0/8 ALL", "  ACCEPT TCP 0.0.0.0/0 80", "  DROP everything else"]
    told = json.loads(printed("reach", name, "--json"))["accepted"]
    assert [(box["protocol"], box["source"], box["ports"]) for box in told] == [
        ("TCP", "10.0.0.0/8", "1-79"),
        ("TCP", "0.0.0.0/0", "80"),
        ("TCP", "10.0.0.0/8", "81-65535"),
        ("UDP", "10.0.0.0/8", "ALL"),
        ("ICMP", "10.0.0.0/8", "ALL"),
        ("GRE", "10.0.0.0/8", "ALL"),
    ]


def test_undetermined_lines_stay_apart(write: Write, printed) -> None:
    """Ports 79 and 81 depend on different templates: widened to 79-81, one line would name only one."""
    named = [
        {"Protocol": "TCP", "Port": ports, "AddressTemplate": {"AddressId": peer}, "Action": "ACCEPT"}
        for ports, peer in (("79", "ipm-below"), ("80", "ipm-between"), ("81", "ipm-above"))
    ]
    shut = [policy("DROP", "TCP", block, "79,81") for block in ("64.0.0.0/2", "128.0.0.0/1")]
    shut.append({"Action": "DROP", "Protocol": "ALL", "Port": "ALL", "Ipv6CidrBlock": "::/0"})
    lines = printed("reach", write("sg.json", group(*shut, *named))).splitlines()

    assert lines[1:] == [
        "  UNDETERMINED TCP 0.0.0.0/2 79  (depends on the members of ipm-below (sg ingress[3]))",
        "  UNDETERMINED TCP 0.0.0.0/0 80  (depends on the members of ipm-between (sg ingress[4]))",
        "  UNDETERMINED TCP 0.0.0.0/2 81  (depends on the members of ipm-above (sg ingress[5]))",
        "  DROP everything else",
    ]


def test_members_settle_a_rule_that_names_a_group(write: Write, printed) -> None:
    rule = {"Protocol": "TCP", "Port": "80", "SecurityGroupId": "sg-peer", "Action": "ACCEPT"}
    name = write("sg.json", group(rule))

    assert "depends on the members of sg-peer (sg ingress[0])" in printed("reach", name)
    told = json.loads(printed("reach", name, "--members", "sg-peer=10.0.35.0/24", "--json"))
    assert [box["source"] for box in told["accepted"]] == ["10.0.35.0/24"]
    assert told["undetermined"] == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["GROUP", "--port", "80"], "is a security group, and --port was given. Leave --port out, or give a snapshot."),
        (["GROUP", "--interface", "x"], "is a security group, and --interface was given."),
        (["LAB", "GROUP"], "is a snapshot, and 2 files were given. Give one snapshot alone, or security groups only."),
        (["LAB", "--direction", "egress"], "and --direction was given. Leave --direction out, or name an --interface."),
        (["LAB", "--members", "sg-a=10.0.0.0/8"], "is a snapshot, and --members was given."),
        (["LAB", "--interface", "ins-nodea001", "--path", "/"], "--interface asks about one resource, and --path"),
        (
            ["LAB", "--interface", "ins-x"],
            "has no CLB, instance or interface 'ins-x'. It has lb-lab00001, ins-nodea001,",
        ),
        (["LAB", "--service", "shop/x"], "The snapshot has no Service 'shop/x'."),
        (["LAB", "--vip", "192.0.2.99"], "No load balancer has the VIP or the domain name '192.0.2.99'."),
        (["LAB", "--port", "0"], "The port is 0. Give one port from 1 to 65535."),
        (["LAB", "--path", ""], "The path is ''. Begin it with /."),
        (["MISSING"], "cannot be read: No such file or directory. Check the path."),
    ],
)
def test_a_wrong_question_is_one_line(arguments: list[str], line: str, write: Write, capsys) -> None:
    names = {"LAB": write("lab.json", default_lab()), "GROUP": write("sg.json", group()), "MISSING": "none.json"}
    assert main(["reach", *(names.get(each, each) for each in arguments)]) == 2
    error = capsys.readouterr().err
    assert line in error
    assert error.count("\n") == 1


def test_another_services_port_is_told_as_such(write: Write, printed) -> None:
    """Whoever gets in there does not reach what was asked for."""
    document = open_fault("healthy").to_dict()
    other = json.loads(json.dumps(next(item for item in document["kubernetes"] if item["kind"] == "Service")))
    other["metadata"]["name"] = "other"
    other["spec"]["ports"][0] |= {"port": 81, "nodePort": 30999}
    document["kubernetes"].append(other)
    text = printed("reach", write("lab.json", document), "--service", "shop/other", "--port", "80")
    assert "LISTENER_OF_ANOTHER_SERVICE" in text


def test_who_gets_past_the_clb_is_said_and_in_json(write: Write, printed) -> None:
    """An allow list on the CLB protects nothing while the NodePorts are open: the same answer says both."""
    document = default_lab(listener="TCP")
    opened = {**policy("ACCEPT", "TCP", "0.0.0.0/0", "30000-32767"), "PolicyIndex": 0}
    document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"] = [opened]
    name = write("open.json", document)

    lines = printed("reach", name, "--service", SERVICE).splitlines()
    assert lines[3:5] == [
        "  past the CLB  everyone else, to NodePort 30713 of node-a, node-b",
        "  past the CLB  10.0.35.0/24, to port 80 of shop/web-1",
    ]
    assert any(line.startswith("Past the CLB: whom the groups of nodes and pods let in") for line in lines)
    (port,) = json.loads(printed("reach", name, "--service", SERVICE, "--json"))["ports"]
    assert [(each["kind"], each["names"], each["port"]) for each in port["past"]] == [
        ("node", ["node-a", "node-b"], 30713),
        ("pod", ["shop/web-1"], 80),
    ]
    assert "203.0.113.0/24" not in port["past"][0]["beyond"]


def test_what_is_too_much_to_tell_past_the_clb_leaves_the_rest_told(write: Write, printed, monkeypatch) -> None:
    def too_much(*_: object) -> None:
        raise TooComplexError("too many ways differ", remedy="none")

    monkeypatch.setattr(reach_command, "past_clb", too_much)
    name = write("lab.json", default_lab())

    said = printed("reach", name, "--service", SERVICE)
    assert "always        203.0.113.0/24" in said
    assert "  past the CLB  not told: too many nodes and pods differ" in said
    assert json.loads(printed("reach", name, "--service", SERVICE, "--json"))["ports"][0]["past"] is None


def test_who_reaches_a_pod_from_outside_and_inside(write: Write, printed) -> None:
    snapshot = write("two.json", two_workloads())
    asked = ("reach", snapshot, "--to", "pod/db/mysql-0", "--port", "3306")
    english, chinese = (printed(*asked, "--lang", language).splitlines() for language in ("en", "zh"))

    assert english[:3] == [
        "who reaches TCP pod/db/mysql-0:3306",
        "  from outside the cluster",
        "    always  10.0.0.0/16, 172.17.0.0/16  [DELIVERED: delivered]",
    ]
    assert english[5:7] == [
        "  from nodes and pods",
        "    always  node/node-* (2), pod/shop/web-1  [DELIVERED: delivered]",
    ]
    assert chinese[0] == "谁能访问 TCP pod/db/mysql-0:3306"
    told = json.loads(printed(*asked, "--json"))
    assert (told["schema"], told["door"], told["port"]) == ("drilllib/reach/1", "pod/db/mysql-0", 3306)
    assert told["inside"][0]["sources"] == ["node/node-a", "node/node-b", "pod/shop/web-1"]
    assert told["outside"][0]["family"] == 4


def test_pods_of_one_workload_that_fare_otherwise_are_counted(write: Write, printed) -> None:
    document = two_workloads()
    pod = next(each for each in document["kubernetes"] if each["kind"] == "Pod")
    for number in range(2, 5):
        name, address = f"web-{number}", f"10.0.36.{number}"
        document["kubernetes"].append(
            {**pod, "metadata": {**pod["metadata"], "name": name}, "status": {"podIP": address}}
        )
        entry = {"PrivateIpAddress": address}
        document["network_interfaces"][0]["PrivateIpAddressSet"].append(entry)
    rules = document["security_groups"]["sg-mysql001"]["SecurityGroupPolicySet"]["Ingress"]
    rules.insert(0, {**policy("DROP", "TCP", "10.0.36.2", "3306"), "PolicyIndex": 0})
    for place, rule in enumerate(rules):
        rule["PolicyIndex"] = place
    lines = printed("reach", write("two.json", document), "--to", "pod/db/mysql-0", "--port", "3306").splitlines()

    assert "    always  node/node-* (2), pod/shop/web-* (3 of 4)  [DELIVERED: delivered]" in lines
    assert any(line.startswith("    never   pod/shop/web-2  [POD_GROUP_DROPPED") for line in lines)


def test_a_door_goes_with_no_service(write: Write, capsys: pytest.CaptureFixture) -> None:
    assert main(["reach", write("two.json", two_workloads()), "--to", "svc/db/mysql", "--vip", "192.0.2.1"]) == 2
    assert "--to asks about one door, and --vip was given" in capsys.readouterr().err
