"""
Requests that no client means, for both APIs: recorded and documented ones, spoilt. Everything follows from a seed.

Spoilt are the method, the path, the query, headers, and the body: as a tree (other types, huge numbers, nulls, half
characters, deep nesting) and as bytes (cut, doubled keys, flipped bits, another encoding).
"""

import base64
import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from drilllib.cloud.kube import requests as kube
from drilllib.cloud.kube.kinds import BY_NAME
from tests.cloud.helpers import signed
from tests.cloud.recording import SERVICES, recorded
from tests.cloud.test_conformance import CALLS

KUBECTL = Path(__file__).parent / "recorded" / "kubectl-requests.jsonl"
METHODS = ("GET", "GET", "HEAD", "POST", "PUT", "PATCH", "PATCH", "DELETE", "OPTIONS", "BREW", "")
WORDS = ("api", "apis", "v1", "apps", "pods", "services", "namespaces", "shop", "x", "log", "scale", "status", "..", "")
WORDS += ("%00", "%2F", "\xff", "文", "a" * 3000, "web", "openapi", "v3", "nodes", "exec", "~", "v1beta1", "{name}")
TEXTS = (
    "",
    "x",
    "a=b",
    "All",
    "true",
    "-1",
    "0",
    "1",
    "9" * 30,
    "=",
    "a in (",
    "!",
    ",",
    "\x00",
    "\ud800",
    "文",
    "1e9",
)
TEXTS += ("10.0.0.1", "web", "metadata.name=web", "bm90", "Table", "v1", "é" * 300, "kubernetes.io/x", "sg-node0001")
TEXTS += ("MAXIMUM", "ins-nodea001", "lb-lab00001", "eni-podsb001", "0.0.0.0/0", "30713", "$patch", "$(x)", "\u202e")
QUERY = ("dryRun", "limit", "continue", "labelSelector", "fieldSelector", "resourceVersion", "container", "tailLines")
QUERY += ("propagationPolicy", "includeObject", "sendInitialEvents", "fieldValidation", "verbose", "hash", "previous")
TYPES = ("application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json")
TYPES += ("application/strategic-merge-patch+json", "application/apply-patch+yaml", "text/html", "", ";;;", "a/b;q=2")
TYPES += ("application/vnd.kubernetes.protobuf", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io", "\xff")
TYPES += (
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    "application/json;q=x",
    "application/*;q=0",
)
NUMBERS = (0, -1, 1, 80, 65536, 1 << 31, 1 << 63, 1 << 64, 10**400, 0.5, -0.0, 1e308, True, False)
RAW = (b"", b"null", b"[]", b"{", b"[" * 100_000, b'{"a":' * 5000, b"\xff\xfe", b"\xef\xbb\xbf{}", b"1" * 5000, b"NaN")
RAW += (
    b"k8s\x00",
    b"k8s\x00\x0a\xff\xff\xff\xff\x0f",
    b"a: &a [1]\nb: [*a, *a]",
    b"- \t- x",
    b"%YAML 9.9",
    b'"\\ud800"',
)
RAW += (b'{"metadata":{"name":"x"},"metadata":{"name":"y"}}', b'{"a":1e999}', b'{"kind":"\\ud83d"}', b"2001-01-01")
DEEP = 150


def kube_requests() -> list[kube.Request]:
    """What kubectl sent in the recorded session."""
    lines = KUBECTL.read_text(encoding="utf-8").splitlines()
    return [_kube_request(json.loads(line)) for line in lines]


def _kube_request(item: dict[str, Any]) -> kube.Request:
    body = base64.b64decode(item.get("base64", ""))
    body = json.dumps(item["body"]).encode() if "body" in item else body
    query = {name: value for name, value in item["query"].items() if name != "timeout"}
    return kube.Request(item["method"], item["path"], query, item["headers"], body, "fuzzer")


def writes_of(document: dict[str, Any]) -> list[kube.Request]:
    """Each object of a document put, patched and posted as another one."""
    return [request for item in document["kubernetes"] if item["kind"] in BY_NAME for request in _writes(item)]


def _writes(item: dict[str, Any]) -> Iterator[kube.Request]:
    kind, name = BY_NAME[item["kind"]], item["metadata"]["name"]
    root = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    root += f"/namespaces/{item['metadata'].get('namespace', 'default')}" if kind.namespaced else ""
    plain = {**item, "metadata": {each: value for each, value in item["metadata"].items() if each != "resourceVersion"}}
    body, other = (json.dumps(each).encode() for each in (plain, {**plain, "metadata": {"name": f"{name}-2"}}))
    for method, end, content_type, sent in (
        ("PUT", f"/{name}", TYPES[0], body),
        ("PUT", f"/{name}/status", TYPES[0], body),
        ("PATCH", f"/{name}", TYPES[2], body),
        ("PATCH", f"/{name}", TYPES[4], body),
        ("PATCH", f"/{name}", TYPES[3], b'[{"op": "replace", "path": "/spec", "value": {}}]'),
        ("POST", "", TYPES[0], other),
    ):
        yield kube.Request(method, f"{root}/{kind.plural}{end}", {}, {"content-type": content_type}, sent, "fuzzer")


def tencent_calls() -> list[tuple[str, str, str, Any]]:
    """Service, version, action and parameters: what Terraform sent, and a good call of every action."""
    found = [(SERVICES[each.version], each.version, each.action, each.request)
             for calls in recorded().values() for each in calls]  # fmt: skip
    return found + [(*service, action, given) for service, calls in CALLS.items() for action, given in calls]


def spoilt_kube(base: kube.Request, chance: random.Random) -> kube.Request:
    """The request with up to three things spoilt in it."""
    parts = {"method": base.method, "path": base.path, "query": dict(base.query), "headers": dict(base.headers)}
    parts["body"] = base.body
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        chance.choice((_method, _path, _query, _header, _body, _body, _body))(parts, chance)
    parts["query"] = {name: value for name, value in parts["query"].items() if name not in ("watch", "follow")}
    if chance.random() < 0.02:
        parts["query"] |= {"watch": "true", "timeoutSeconds": "0"}
    return kube.Request(**parts, user=None if chance.random() < 0.01 else "fuzzer")


def spoilt_call(base: tuple[str, str, str, Any], chance: random.Random) -> Any:
    """A signed request of the vendor's API with its parameters, its headers or its body spoilt."""
    service, version, action, params = base
    roll, more, given = chance.random(), {}, params
    if roll < 0.15:
        pass
    elif roll < 0.75:
        given = spoilt_tree(params, chance)
    elif roll < 0.85:
        given = chance.choice(RAW)
    else:
        name = chance.choice(("x_tc_action", "x_tc_version", "x_tc_region", "x_tc_timestamp", "authorization", "host"))
        more[name] = chance.choice((None, *(text.replace("\ud800", "\xff") for text in TEXTS)))
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    if roll > 0.15 and chance.random() < 0.1:
        body = _bytes(body, chance)
    return signed(service, action, body, version=version, **more)


def _method(parts: dict[str, Any], chance: random.Random) -> None:
    parts["method"] = chance.choice(METHODS)


def _path(parts: dict[str, Any], chance: random.Random) -> None:
    steps = parts["path"].split("/")
    place = chance.randrange(len(steps))
    change: Callable[[], Any] = chance.choice((
        lambda: steps.__setitem__(place, chance.choice(WORDS)),
        lambda: steps.insert(place, chance.choice(WORDS)),
        lambda: steps.pop(place),
        lambda: steps.extend(steps * 3),
    ))  # fmt: skip
    change()
    parts["path"] = "/".join(steps)


def _query(parts: dict[str, Any], chance: random.Random) -> None:
    parts["query"][chance.choice(QUERY)] = chance.choice(TEXTS)


def _header(parts: dict[str, Any], chance: random.Random) -> None:
    parts["headers"][chance.choice(("accept", "content-type"))] = ",".join(
        chance.choices(TYPES, k=chance.randint(1, 2))
    )


def _body(parts: dict[str, Any], chance: random.Random) -> None:
    try:
        tree = json.loads(parts["body"])
    except (ValueError, RecursionError):
        tree = None
    roll = chance.random()
    if tree is None or roll < 0.1:
        parts["body"] = chance.choice((*RAW, parts["body"]))
    else:
        parts["body"] = json.dumps(spoilt_tree(tree, chance)).encode()
    if roll > 0.93:
        parts["body"] = _bytes(parts["body"], chance)


def spoilt_tree(value: Any, chance: random.Random) -> Any:
    """The value with something odd in one place, or in some."""
    tree = [copy.deepcopy(value)]
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        parent, name = chance.choice(list(_places(tree)))
        if isinstance(parent, dict) and chance.random() < 0.25:
            other = chance.choice((*TEXTS, *parent))
            parent[other] = odd(chance)
        else:
            parent[name] = (
                odd(chance) if chance.random() < 0.8 else copy.deepcopy(chance.choice(list(_places(tree)))[0])
            )
    return tree[0]


def odd(chance: random.Random) -> Any:
    """Something of any type."""
    return chance.choice((
        lambda: None,
        lambda: chance.choice(NUMBERS),
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(([], {}, [None], [[]], [{}], ["x"], {"": None}, {"a": {"b": []}}, [None, None])),
        lambda: _nested(chance.randint(5, DEEP)),
    ))()  # fmt: skip


def _nested(depth: int) -> Any:
    value: Any = "x"
    for place in range(depth):
        value = [value] if place % 2 else {"a": value}
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container with each name or index in it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield value, name
        yield from _places(inner)


def _bytes(body: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(body) + 1)
    return chance.choice((
        lambda: body[:place],
        lambda: body + body,
        lambda: body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :],
        lambda: body.decode("utf-8", "replace").encode("utf-16"),
        lambda: body.replace(b'":', b'":1,"a":', 1),
    ))()  # fmt: skip
