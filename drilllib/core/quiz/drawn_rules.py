"""A drawn question about a list of rules: which of them decides about a packet?"""

from ipaddress import IPv4Address, IPv4Network

from drilllib.core.drills.default_lab import CLIENT, NODE_GROUP, NODE_PORT, VIP
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.variants import set_ingress
from drilllib.core.lint.findings import Statement
from drilllib.core.quiz.chosen import one
from drilllib.core.quiz.questions import Option, QuizQuestion
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction, Flow, Rule, SecurityGroup, decide
from drilllib.core.snapshot.snapshot import Snapshot

LENGTH = 4  # rules in a list
IMPLICIT = "None"  # the value of the fact "node rule" where no rule matches
TRIES = 400  # lists looked at until one is decided by the place that the seed wants


def rule_question(seed: str) -> QuizQuestion:
    """Four rules, and a packet of the lab's client to the NodePort: each place decides about as often."""
    wanted = one(f"{seed}/place", (*map(str, range(LENGTH)), IMPLICIT))
    lists = (_lines(f"{seed}/{number}") for number in range(TRIES))
    lines = next(each for each in lists if _decides(each) == wanted)
    rules = [rule_from_text(line) for line in lines]
    decides = LENGTH if wanted == IMPLICIT else int(wanted)
    options = [
        Option(str(place), _option_text(place, line), _feedback(rules, place, decides))
        for place, line in enumerate(lines)
    ]
    why = Statement("quiz.implicit_right" if wanted == IMPLICIT else "quiz.implicit_wrong")
    options.append(Option(IMPLICIT, Statement("quiz.implicit"), why))
    text = Statement("quiz.ask_rule", {"client": CLIENT, "port": NODE_PORT})
    return QuizQuestion(text, "node rule", _lab(lines), tuple(options))


def _decides(lines: list[str]) -> str:
    """The place of the rule that decides about the packet, were the group asked alone."""
    group = SecurityGroup(NODE_GROUP, tuple(rule_from_text(line) for line in lines), ())
    packet = Flow(protocol="TCP", peer=IPv4Address(CLIENT), port=NODE_PORT)
    return str(decide([group], Direction.INGRESS, packet).policy_index)


def _lab(lines: list[str]) -> Snapshot:
    document = open_fault("healthy").to_dict()
    set_ingress(document, NODE_GROUP, *(dict(rule_from_text(line).policy) for line in lines))
    return Snapshot(document)


def _option_text(place: int, line: str) -> dict[str, str]:
    text = f"`[{place}] {line}`"
    return {"zh": text, "en": text}


def _lines(seed: str) -> list[str]:
    """Different rules; about half of them match the packet."""
    found: dict[str, None] = {}
    number = 0
    while len(found) < LENGTH:
        found[_line(f"{seed}/{number}")] = None
        number += 1
    return [*found]


def _line(seed: str) -> str:
    action = one(f"{seed}/action", ("ACCEPT", "DROP"))
    peers = (CLIENT, "203.0.113.0/28", "203.0.113.0/24", "203.0.113.128/25", "0.0.0.0/0", VIP, "198.51.100.0/24")
    peer, protocol = one(f"{seed}/peer", peers), one(f"{seed}/protocol", ("TCP", "TCP", "TCP", "UDP", "ALL"))
    ports = (str(NODE_PORT), "30000-32767", "80", "ALL", "22")
    return f"{action} {protocol} {peer} {'ALL' if protocol == 'ALL' else one(f'{seed}/port', ports)}"


def _feedback(rules: list[Rule], place: int, decides: int) -> Statement:
    """Why the rule at *place* decides, or why it does not."""
    rule = rules[place]
    if place == decides:
        return Statement("quiz.rule_right", {"place": place})
    _, protocol, peer, port = rule.text.split(" ", 3)
    if protocol not in ("TCP", "ALL"):
        return Statement("quiz.rule_protocol", {"place": place, "protocol": protocol})
    if IPv4Address(CLIENT) not in IPv4Network(peer):
        return Statement("quiz.rule_source", {"place": place, "peer": peer, "client": CLIENT})
    if place > decides and _has_port(port):
        return Statement("quiz.rule_later", {"place": place, "decides": decides})
    return Statement("quiz.rule_port", {"place": place, "port": port, "asked": NODE_PORT})


def _has_port(port: str) -> bool:
    return port in (str(NODE_PORT), "30000-32767", "ALL")
