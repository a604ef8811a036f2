"""The cloud on a socket: who may reach it, what a proxy's client sends, many at a time, and garbage."""

import http.client
import json
import random
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.requests import LARGEST_BODY
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import NODE_GROUP
from tests.cloud.helpers import RefusedError, ask, new_api, opened, post, refusal_of, sdk, served, signed
from tests.waits import PATIENCE_S, wait_until


@pytest.fixture
def api() -> TencentApi:
    return new_api()


@pytest.fixture
def cloud(api: TencentApi) -> Iterator[CloudServer]:
    with served(api) as server:
        yield server


def is_well(cloud: CloudServer) -> bool:
    """Does it still answer?"""
    return "SecurityGroupSet" in opened(post(cloud.port, signed("vpc", "DescribeSecurityGroups", {})).data)


def raw(cloud: CloudServer, data: bytes) -> bytes:
    """Send bytes as they are and say that no more come, and take what comes until the connection ends."""
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=PATIENCE_S) as connection:
        found = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                found += piece
        except ConnectionError:
            pass
        return found


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_only_this_machine_can_reach_it(cloud: CloudServer) -> None:
    """A key that stands in a notebook is no protection."""
    listening = f" 0100007F:{cloud.port:04X} "
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line for line in table if f":{cloud.port:04X} 00000000:0000 0A" in line]

    assert len(rows) == 1
    assert listening in rows[0]


def test_a_port_of_ones_own_choice_is_loopback_too(api: TencentApi) -> None:
    """There is no way to ask for another address."""
    with CloudServer(api.handle) as first:
        port = first.port
    with CloudServer(api.handle, port=port) as second:
        assert second.address == f"127.0.0.1:{port}"
        assert is_well(second)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("/", "127.0.0.1:1234"),
        ("http://vpc.cloud.local/", "vpc.cloud.local"),
        ("http://vpc.localhost:18080/", "vpc.localhost:18080"),
        ("https://vpc.tencentcloudapi.com", "vpc.tencentcloudapi.com"),
        ("/", "http://127.0.0.1:1234"),
    ],
)
def test_a_client_may_be_pointed_here_in_any_way(cloud: CloudServer, target: str, host: str) -> None:
    """Terraform comes through HTTP_PROXY with an absolute target; tccli sends a whole URL as its Host."""
    request = signed("vpc", "DescribeSecurityGroups", {}, target=target, host=host)

    assert opened(post(cloud.port, request).data)["TotalCount"] == 3


def test_an_answer_is_200_and_exactly_application_json_even_for_errors(cloud: CloudServer) -> None:
    """With a charset behind it the SDK takes an error for an empty success."""
    for action in ("DescribeSecurityGroups", "NoSuchAction"):
        response = post(cloud.port, signed("vpc", action, {}))
        assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
        assert re.fullmatch(r"[0-9a-f-]{36}", json.loads(response.data)["Response"]["RequestId"])


def test_the_sdk_sees_errors_as_its_own(cloud: CloudServer) -> None:
    """Code, message and request id come through."""
    exception = pytest.importorskip("tencentcloud.common.exception.tencent_cloud_sdk_exception")
    client, models = sdk("vpc", cloud.address, keys=("AKIDnobody", "key"))
    with pytest.raises(exception.TencentCloudSDKException) as caught:
        client.DescribeSecurityGroups(models.DescribeSecurityGroupsRequest())

    assert caught.value.code == "AuthFailure.SecretIdNotFound"
    assert caught.value.requestId


def test_connections_are_kept(cloud: CloudServer) -> None:
    """A client that polls does not want a handshake each time."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=PATIENCE_S)
    ports = set()
    for _ in range(3):
        request = signed("vpc", "DescribeSecurityGroups", {})
        connection.request("POST", "/", request.body, dict(request.headers))
        opened(connection.getresponse().read())
        ports.add(connection.sock.getsockname()[1])
    connection.close()

    assert len(ports) == 1


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns a thousand times as often, so that a race that can be lost is lost."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hurried")
def test_fifty_clients_lose_no_update(cloud: CloudServer, api: TencentApi) -> None:
    """Every change is there once, and every client saw the Version go up."""

    def add(number: int) -> list[int]:
        seen = []
        for place in range(2):
            rule = {
                "Protocol": "TCP",
                "Port": str(1000 + number * 2 + place),
                "CidrBlock": "10.0.0.0/8",
                "Action": "ACCEPT",
            }
            params = {"SecurityGroupId": "sg-clb00001" if number % 2 else NODE_GROUP}
            request = {**params, "SecurityGroupPolicySet": {"Ingress": [rule]}}
            opened(post(cloud.port, signed("vpc", "CreateSecurityGroupPolicies", request)).data)
            found = opened(post(cloud.port, signed("vpc", "DescribeSecurityGroupPolicies", params)).data)
            seen.append(int(found["SecurityGroupPolicySet"]["Version"]))
        return seen

    with ThreadPoolExecutor(50) as pool:
        versions = list(pool.map(add, range(50)))

    assert all(first < second for first, second in versions)
    for group_id in ("sg-clb00001", NODE_GROUP):
        found = ask(api, "vpc", "DescribeSecurityGroupPolicies", {"SecurityGroupId": group_id})[
            "SecurityGroupPolicySet"
        ]
        assert (found["Version"], len({each["Port"] for each in found["Ingress"]})) == ("51", 51)


@pytest.mark.usefixtures("hurried")
def test_of_fifty_clients_with_the_same_version_one_wins(cloud: CloudServer) -> None:
    """That is what the Version is for."""

    def add(number: int) -> str:
        rule = {"Protocol": "TCP", "Port": str(number + 1), "CidrBlock": "10.0.0.0/8", "Action": "ACCEPT"}
        policy_set = {"Version": "1", "Ingress": [rule]}
        params = {"SecurityGroupId": NODE_GROUP, "SecurityGroupPolicySet": policy_set}
        try:
            opened(post(cloud.port, signed("vpc", "CreateSecurityGroupPolicies", params)).data)
        except RefusedError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(50) as pool:
        codes = list(pool.map(add, range(50)))

    assert (codes.count(""), codes.count("UnsupportedOperation.VersionMismatch")) == (1, 49)


GARBAGE = [
    b"",
    b"\x00" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS client
    b"POST\r\n\r\n",
    b"POST / HTTP/9.9\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\nshort",
    b"POST http://[::1 HTTP/1.1\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\n\r\n",
    b"BREW / HTTP/1.1\r\n\r\n",
    b"POST /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\n" + b"".join(b"H%d: v\r\n" % n for n in range(300)) + b"\r\n",
    b"POST / HTTP/1.1\r\nAuthorization: \xff\xfe\xfd\r\n\r\n",
]


@pytest.mark.parametrize("data", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_and_tells_nothing(cloud: CloudServer, data: bytes) -> None:
    """No traceback, no path of this machine, and the next client is served."""
    found = raw(cloud, data)

    assert b"Traceback" not in found
    assert b".py" not in found
    assert b"Python" not in found
    assert is_well(cloud)


def test_spoilt_requests_never_bring_it_down(cloud: CloudServer) -> None:
    """A good request with bytes changed, doubled and lost: whatever is left of it, somebody answers or hangs up."""
    chance, good = random.Random(3), signed("vpc", "DescribeSecurityGroups", {"Limit": "5"})
    lines = [b"POST / HTTP/1.1", *(f"{name}: {value}".encode() for name, value in good.headers.items())]
    whole = b"\r\n".join([*lines, b"Content-Length: %d" % len(good.body), b"", good.body])
    for _ in range(100):
        spoilt = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(spoilt))
            spoilt[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        found = raw(cloud, bytes(spoilt))
        assert b"Traceback" not in found
        assert b"InternalError" not in found

    assert is_well(cloud)


def test_a_body_that_is_too_large_is_not_even_read(cloud: CloudServer) -> None:
    """It would fill the memory of the machine that the lesson runs on."""
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1)

    assert b" 413 " in raw(cloud, head + b"x" * 100_000).splitlines()[0]
    assert is_well(cloud)


VALUES: list[Any] = [
    None,
    0,
    -1,
    2**70,
    1.5,
    True,
    "",
    "sg-clb00001",
    "x" * 3000,
    "\x00\ud800é",
    [],
    {},
    [[]],
    [None],
    [{}],
    [None, {}, ""],
    {"a": {}},
    {"a": None},
]


def test_signed_nonsense_gets_a_code_and_changes_nothing(api: TencentApi) -> None:
    """Whatever a parameter holds, the answer is an error that is ours to give, not a crash: no InternalError."""
    from drilllib.cloud.tencent.call import ACTIONS

    chance, before = random.Random(7), api.snapshot().to_dict()
    for service, version, action in ACTIONS:
        names = [name.removesuffix("?") for name in ACTIONS[service, version, action].shape]
        for _ in range(40):
            params = {name: chance.choice(VALUES) for name in names if chance.random() < 0.6}
            code = refusal_of(api, service, action, params, version=version)
            assert code != "InternalError", (action, params)
    after = api.snapshot().to_dict()

    assert {name: after[name] for name in before if name != "security_groups"} == {
        name: before[name] for name in before if name != "security_groups"
    }


def test_half_a_character_does_not_stop_the_cloud_from_saving(tmp_path: Path) -> None:
    """JSON can spell what UTF-8 cannot; kept, it would spoil every later write of the file."""
    api = new_api(file=tmp_path / "cloud.json")
    half = {"GroupName": "\ud800", "GroupDescription": ""}

    assert refusal_of(api, "vpc", "CreateSecurityGroup", half) == "InvalidParameter"
    ask(api, "vpc", "CreateSecurityGroup", {**half, "GroupName": "组"})
    assert "组" in (tmp_path / "cloud.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'"text"', b"[" * 100_000, b'{"a":' * 50_000, b"1" * 10_000])
def test_a_body_that_is_no_object_is_refused(api: TencentApi, body: bytes) -> None:
    """Signed by somebody who has a key, and nonsense all the same."""
    assert refusal_of(api, "vpc", "DescribeSecurityGroups", body) == "InvalidParameter"


def test_a_fault_of_ours_is_told_in_one_line(api: TencentApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback goes to the log of this process."""
    monkeypatch.setattr(api.state, "reading", lambda: 1 / 0)

    response = api.handle(signed("vpc", "DescribeSecurityGroups", {}))

    assert b"InternalError" in response.body
    assert b"ZeroDivision" not in response.body


def test_a_silent_connection_does_not_hold_up_the_rest(cloud: CloudServer) -> None:
    """A browser opens connections in advance and says nothing on them."""
    with socket.create_connection(("127.0.0.1", cloud.port)), socket.create_connection(("127.0.0.1", cloud.port)):
        assert is_well(cloud)


def test_a_stopped_cloud_lets_go_of_port_and_threads(api: TencentApi) -> None:
    """A notebook starts and stops it many times."""
    before = threading.active_count()
    for _ in range(3):
        with served(api) as server, socket.create_connection(("127.0.0.1", server.port)):
            assert is_well(server)
    server.stop()

    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
    assert wait_until(lambda: threading.active_count() <= before)


def test_importing_it_loads_the_standard_library_and_nothing_else() -> None:
    """It runs where neither the SDK nor Jupyter is installed."""
    code = "import sys; before = set(sys.modules); import drilllib.cloud.tencent.server, drilllib.cloud.tencent.api; "
    code += "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {name for name in run.stdout.split() if name not in sys.stdlib_module_names} == {"drilllib"}
