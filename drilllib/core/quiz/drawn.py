"""
Another question like one of the quiz: the same kind about another lab, drawn by a seed, the same on every machine.

What is right is asked of the engine, and what is said to each choice follows from why that option is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

from drilllib.core.drills.default_lab import CLB_GROUP, NODE_GROUP, NODE_PORT, NODE_SUBNET, POD_GROUP, SERVICE, VIP
from drilllib.core.drills.faults import LISTENERS, open_fault
from drilllib.core.drills.variants import direct_access, set_ingress
from drilllib.core.lint.findings import Statement
from drilllib.core.quiz.chosen import one, shuffled
from drilllib.core.quiz.drawn_rules import rule_question
from drilllib.core.quiz.questions import Option, QuizQuestion, Texts
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.edits import with_rules
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.core.trace.verdict import Verdict

GROUPS = {"clb": CLB_GROUP, "node": NODE_GROUP, "pod": POD_GROUP}
NODE_A, NODE_B, PODS = "10.0.35.11", "10.0.35.12", "10.0.36.0/24"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A lab of one Service: who asks, what each group's one rule is, and where that is wrong (none: nowhere)."""

    client: str
    listener: str
    rules: dict[str, str]
    wrong: str

    @property
    def facts(self) -> dict[str, str]:
        """What a question says of it."""
        lists = {f"{place}_rule": rule for place, rule in self.rules.items()}
        return {"client": self.client, "listener": self.listener, **lists}

    def snapshot(self) -> Snapshot:
        """The lab."""
        document = open_fault("healthy", listener=self.listener, client=self.client).to_dict()
        for place, line in self.rules.items():
            set_ingress(document, GROUPS[place], dict(rule_from_text(line).policy))
        return Snapshot(document)


def like(question: QuizQuestion, seed: str) -> QuizQuestion:
    """A question of the same kind as *question*; another one for another *seed*."""
    return KINDS[_KIND_OF_FACT[question.fact]](seed)


def client_of(seed: str) -> str:
    """An address of the documentation's blocks, which no lab uses itself."""
    return f"{one(f'{seed}/block', ('203.0.113', '198.51.100'))}.{one(f'{seed}/host', range(1, 255))}"


def draw(seed: str, places: tuple[str, ...]) -> Drawing:
    """A lab whose wrong rule is at one of *places*."""
    client, wrong = client_of(seed), one(f"{seed}/wrong", places)
    rules = {place: right_rule(seed, place, client) for place in GROUPS}
    if wrong in rules:
        rules[wrong] = one(f"{seed}/flaw", wrong_rules(wrong, client))
    return Drawing(client, one(f"{seed}/listener", LISTENERS), rules, wrong)


def right_rule(seed: str, place: str, client: str) -> str:
    """A rule that admits what the group at that place sees of the client."""
    block = one(f"{seed}/width of {place}", (client, f"{client.rpartition('.')[0]}.0/24", "0.0.0.0/0"))
    seen = {"clb": (block, 80), "node": (block, NODE_PORT), "pod": (NODE_SUBNET, 80)}
    return "ACCEPT TCP {} {}".format(*seen[place])


def wrong_rules(place: str, client: str) -> tuple[str, ...]:
    """Rules that people write there and that do not admit it: another port, another address than the one seen."""
    block = f"{client.rpartition('.')[0]}.0/24"
    return {
        "clb": (f"ACCEPT TCP {block} {NODE_PORT}", "ACCEPT TCP 100.64.0.0/10 80", f"ACCEPT TCP {VIP} 80"),
        "node": (f"ACCEPT TCP {block} 80", f"ACCEPT TCP {VIP} {NODE_PORT}", f"ACCEPT TCP {PODS} {NODE_PORT}"),
        "pod": (f"ACCEPT TCP {block} 80", f"ACCEPT TCP {NODE_SUBNET} {NODE_PORT}", f"ACCEPT TCP {VIP} 80"),
    }[place]


def _said(text: str) -> dict[str, str]:
    """What is the same in all languages."""
    return {"zh": text, "en": text}


def _symptom(seed: str) -> QuizQuestion:
    drawing = draw(seed, ("clb", "node", "pod", "node", "pod", "none", "none"))
    behind = f"behind_{drawing.listener}" if drawing.wrong in ("node", "pod") else drawing.wrong
    why = Statement(f"quiz.stop_{behind}", {"place": drawing.wrong})
    truth = {"clb": "connect_timeout", "none": "200", "behind_HTTP": "504", "behind_TCP": "connect_timeout"}[behind]
    texts: dict[str, Texts] = {
        "200": _said("200 OK"),
        "504": _said("504"),
        "connect_timeout": Statement("connect_timeout"),
        "refused": Statement("refused_symptom"),
    }
    options = [
        Option(each, text, why if each == truth else Statement(f"predict.says_{each}")) for each, text in texts.items()
    ]
    text = Statement("quiz.ask_symptom", drawing.facts)
    return QuizQuestion(text, "symptom", drawing.snapshot(), tuple(shuffled(seed, options)), drawing.client)


def _health(seed: str) -> QuizQuestion:
    drawing = draw(seed, ("clb", "node", "pod", "pod", "none"))
    dead = drawing.wrong == "pod"
    said = {
        "Alive": Statement("quiz.alive_wrong" if dead else "quiz.alive_right"),
        "Dead": Statement("quiz.dead_right" if dead else "quiz.dead_wrong"),
        "Unknown": Statement("quiz.unknown_wrong"),
    }
    options = [Option(state, _said(state), why) for state, why in said.items()]
    text = Statement("quiz.ask_health", drawing.facts)
    return QuizQuestion(text, "health", drawing.snapshot(), tuple(shuffled(seed, options)), drawing.client)


def _peer(seed: str) -> QuizQuestion:
    """Whose address does a group see? At the node, behind it, or at the pod with direct access."""
    way, client = one(f"{seed}/way", ("node", "pod", "direct")), client_of(seed)
    document = open_fault("healthy", client=client).to_dict()
    if way == "direct":
        direct_access(document)
    seen = {"node": client, "pod": NODE_A, "direct": client}[way]
    named = {"client": client, "vip": VIP, "node_a": NODE_A, "node_b": NODE_B}
    options = [
        Option(
            address,
            Statement(f"quiz.is_{name}", {"address": address}),
            Statement(f"quiz.peer_right_{way}") if address == seen else Statement(f"quiz.peer_wrong_{name}"),
        )
        for name, address in named.items()
    ]
    fact = "node peer" if way == "node" else "pod peer"
    text = Statement(f"quiz.ask_peer_{way}", {"client": client})
    return QuizQuestion(text, fact, Snapshot(document), tuple(shuffled(seed, options)), client)


def _opens(seed: str) -> QuizQuestion:
    """Which rule at the top of its list lets the client in?"""
    drawing = draw(seed, tuple(GROUPS))
    wrong = drawing.wrong
    other = one(f"{seed}/other", [place for place in GROUPS if place != wrong])
    flaws = [each for each in wrong_rules(wrong, drawing.client) if each != drawing.rules[wrong]]
    right = (wrong, right_rule(f"{seed}/narrow", wrong, drawing.client), "right")
    tried = [right, *((wrong, flaw, f"at_{wrong}") for flaw in flaws), (other, drawing.rules[other], "elsewhere")]
    options = [
        Option(
            f"{GROUPS[place]} {line}",
            Statement("quiz.opens_option", {"group": GROUPS[place], "rule": line}),
            Statement(f"quiz.opens_{why}"),
        )
        for place, line, why in tried
    ]
    shown = tuple(shuffled(seed, options))

    def decided(snapshot: Snapshot, client: str) -> str:
        return _opened_by(snapshot, shown, client)

    text = Statement("quiz.ask_opens", drawing.facts)
    return QuizQuestion(text, "opened by", drawing.snapshot(), shown, drawing.client, decided)


def _opened_by(snapshot: Snapshot, options: tuple[Option, ...], client: str) -> str:
    """Those options, usually one, with whose rule on top every request of the client succeeds."""
    found = []
    for option in options:
        group, _, line = option.value.partition(" ")
        rules = (rule_from_text(line), *(snapshot.group(group).rules(Direction.INGRESS) or ()))
        after = with_rules(snapshot, group, Direction.INGRESS, rules)
        if trace(after, Question(client=client, service=SERVICE)).verdict is Verdict.REACHABLE:
            found.append(option.value)
    return ", ".join(found)


KINDS: dict[str, Callable[[str], QuizQuestion]] = {
    "symptom": _symptom,
    "health": _health,
    "peer": _peer,
    "rule": rule_question,
    "opens": _opens,
}
_KIND_OF_FACT = {
    "symptom": "symptom",
    "reason": "symptom",
    "blockers": "symptom",
    "health": "health",
    "node peer": "peer",
    "pod peer": "peer",
    "node group": "rule",
    "node rule": "rule",
    "dead rules": "rule",
    "reached by": "opens",
    "fixed by": "opens",
    "opened by": "opens",
}
