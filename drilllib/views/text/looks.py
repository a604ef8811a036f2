"""
What a look prints, as the command or the console would: never a verdict, a cause or the rule that decided.

It is made from the evidence alone, so that whatever tells two worlds apart is on the page, and nothing else is.
"""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from drilllib.core.practice.looks import CLIENT, CURL, Evidence, Look, LookKind
from drilllib.core.practice.rows import Row
from drilllib.core.trace import dial
from drilllib.core.trace.curl import CLIENTS, ORIGINAL_DATE, duration_s, transcript
from drilllib.core.trace.path import Symptom, SymptomKind
from drilllib.quoting import terminal_text
from drilllib.views.phrases.catalog import say
from drilllib.views.text.columns import table

_CURL = CLIENTS[CURL]
_KUBECTL = MappingProxyType(
    {
        "services": ("namespace", "name", "type", "address", "external", "ports", "policy", "selector"),
        "endpoints": ("namespace", "service", "address", "ports", "ready", "pod", "node"),
        "pods": ("namespace", "name", "ready", "status", "address", "node", "ports", "labels"),
        "nodes": ("name", "status", "address", "labels"),
    }
)
_HEADS = MappingProxyType(
    {
        "address": "IP",
        "external": "EXTERNAL-IP",
        "ports": "PORT(S)",
        "policy": "EXTERNAL-TRAFFIC-POLICY",
        "place": "#",
        "id": "ID",
        "url": "PATH",
        "name": "NAME",
    }
)


def look_text(look: Look, language: str) -> str:
    """A look in a few words: ``rules of sg-1a2b3c4d``."""
    if look.kind is LookKind.CURL and look.place == CLIENT:
        return say(language, "look_curl_client")
    return terminal_text([say(language, f"look_{look.kind}", place=look.place)])


def log_text(looks: Sequence[Look], language: str) -> str:
    """The looks taken so far, numbered, with what each cost, and the sum."""
    names = [look_text(each, language) for each in looks]
    entries = zip(range(1, len(looks) + 1), names, looks, strict=True)
    lines = [say(language, "look_log", number=number, look=name, price=look.price) for number, name, look in entries]
    return terminal_text([*lines, say(language, "look_log_sum", price=sum(each.price for each in looks))])


def evidence_text(evidence: Evidence, language: str) -> str:
    """What the look printed."""
    return terminal_text(_LINES[evidence.look.kind](evidence, language))


def _of(evidence: Evidence, about: str) -> list[Row]:
    return [each for each in evidence.seen if each.about == about]


def _curl(evidence: Evidence, language: str) -> Iterator[str]:
    """Each answer that a request can meet; over UDP there is no tool that everybody uses."""
    if _of(evidence, "connection"):
        yield from _dialled(evidence, language)
        return
    (asked,) = _of(evidence, "request")
    yield f"[{asked['client']}]$ {_command(asked)}"
    for place, row in enumerate(_of(evidence, "answer")):
        if place:
            yield say(language, "look_another_request")
        yield from _answer_lines(asked, symptom_of(row), language)


def _dialled(evidence: Evidence, language: str) -> Iterator[str]:
    """The attempt to connect, with nc."""
    (asked,) = _of(evidence, "connection")
    host, port = asked["address"], int(asked["port"])
    yield f"[{asked['client']}]$ {dial.command('nc', host, port)}"
    for place, row in enumerate(_of(evidence, "answer")):
        if place:
            yield say(language, "look_another_request")
        yield from (dial.transcript(symptom_of(row), host=host, port=port) or "").splitlines()


def _command(asked: Row) -> str:
    host = f"[{asked['vip']}]" if ":" in asked["vip"] else asked["vip"]
    if asked["protocol"] == "UDP":
        return f"nc -u -w 5 {asked['vip']} {asked['port']}"
    port = "" if (asked["scheme"], asked["port"]) in (("http", "80"), ("https", "443")) else f":{asked['port']}"
    named = "" if asked["host"] == asked["vip"] else f" -H 'Host: {asked['host']}'"
    return f"curl -sS -I{named} {asked['scheme'] or 'http'}://{host}{port}{asked['path']}"


def symptom_of(row: Row) -> Symptom:
    """What the client met, from the row that says so."""
    status, seconds = row["status"], row["seconds"]
    return Symptom(
        kind=SymptomKind(row["kind"]),
        status=int(status) if status else None,
        seconds=float(seconds) if seconds else None,
        location=row["location"],
    )


def _answer_lines(asked: Row, symptom: Symptom, language: str) -> Iterator[str]:
    port = int(asked["port"])
    text = transcript(symptom, host=asked["vip"], port=port, client=_CURL, date=ORIGINAL_DATE)
    yield from text.splitlines()
    if asked["protocol"] != "UDP":
        yield say(language, "look_seconds", seconds=f"{duration_s(symptom, _CURL):g}")


def _health(evidence: Evidence, language: str) -> Iterator[str]:
    heads = ("LISTENER", "PROTOCOL:PORT", "DOMAIN", "PATH", "TARGET", "IP:PORT", "WEIGHT", "HEALTH")
    rows = [heads]
    for listener, targets in _by_listener(evidence.seen):
        own = (listener["id"], f"{listener['protocol']}:{listener['port']}", listener["domain"], listener["url"])
        for each in targets:
            rows.append(
                (*own, each["name"], f"{each['address'] or '?'}:{each['port']}", each["weight"], each["health"])
            )
        if not targets:
            rows.append((*own, "<none>", "", "", ""))
    yield from table(_without_empty(rows))


def _by_listener(seen: Sequence[Row]) -> list[tuple[Row, list[Row]]]:
    """Each listener, or forwarding rule of one, with its targets."""
    found: list[tuple[Row, list[Row]]] = []
    for row in seen:
        if row.about == "listener":
            found.append((row, []))
        else:
            found[-1][1].append(row)
    return found


def _without_empty(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The table without columns in which nothing stands."""
    kept = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    return [[row[place] for place in kept or range(len(row))] for row in rows]


def _groups(evidence: Evidence, language: str) -> Iterator[str]:
    resource, groups = evidence.seen[0], _of(evidence, "group")
    facts = [value for name, value in resource.cells if name != "pass_to_target" and value]
    yield "   ".join(facts)
    if resource["pass_to_target"]:
        yield say(language, f"look_pass_to_target_{resource['pass_to_target']}")
    rows = [(str(int(each["place"]) + 1), each["id"], each["name"]) for each in groups] or [("", "<none>", "")]
    yield from table([("#", "SECURITY GROUP", "NAME"), *rows])


def _rules(evidence: Evidence, language: str) -> Iterator[str]:
    yield "   ".join(value for _, value in evidence.seen[0].cells if value)
    names = ("direction", "place", "action", "protocol", "port", "peer", "description")
    yield from _table_of(_of(evidence, "rule"), names)
    members = _of(evidence, "members")
    if members:
        yield ""
        yield from _table_of(members, ("name", "members"))


def _kubectl(evidence: Evidence, language: str) -> Iterator[str]:
    yield f"$ kubectl get {evidence.look.place}{'' if evidence.look.place == 'nodes' else ' -A'}"
    names = _KUBECTL[evidence.look.place]
    yield from _table_of(evidence.seen, names)
    for each in (it for it in evidence.seen if it["annotations"]):
        yield ""
        yield f"{each['namespace']}/{each['name']} annotations: {each['annotations']}"


def _table_of(rows: Sequence[Row], names: Sequence[str]) -> Iterator[str]:
    """Rows of one kind; what a row does not have is ``<none>``, as kubectl says, but for a description."""
    heads = [_HEADS.get(name, name.upper()) for name in names]
    filled = [[row[name] or ("" if name == "description" else "<none>") for name in names] for row in rows]
    return table([heads, *filled])


def _capture(evidence: Evidence, language: str) -> Iterator[str]:
    host, packets = evidence.seen[0], _of(evidence, "packet")
    yield f"[{host['name']}]$ tcpdump -ni any"
    if host["state"] == "off":
        yield say(language, "look_host_off")
    elif not packets:
        yield say(language, "look_nothing_seen")
    for each in packets:
        again = f"  {say(language, 'look_sent_again')}" if each["repeated"] else ""
        yield f"{each['way']:<3} {_packet(each)}{again}"


def _packet(row: Row) -> str:
    """One packet in tcpdump's words."""
    (source, own), (destination, port) = (row[name].rsplit(":", 1) for name in ("source", "destination"))
    source, destination = source.strip("[]"), destination.strip("[]")
    family, icmp = ("IP6", "ICMP6") if ":" in source else ("IP", "ICMP")
    if row["flags"] == "ICMP":
        return f"{family} {source} > {destination}: {icmp} {source} udp port {own} unreachable"
    said = "UDP, length 6" if row["flags"] == "UDP" else f"Flags [{row['flags']}]"
    return f"{family} {source}.{own} > {destination}.{port}: {said}"


_LINES = MappingProxyType(
    {
        LookKind.CURL: _curl,
        LookKind.HEALTH: _health,
        LookKind.GROUPS: _groups,
        LookKind.RULES: _rules,
        LookKind.KUBECTL: _kubectl,
        LookKind.CAPTURE: _capture,
    }
)
