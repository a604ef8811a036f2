"""Answers as tables: what the text says, for eyes and without them, and nothing that a name can break out of."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address

import pytest

from drilllib import _library as library
from drilllib.core.drills.faults import FAULTS, open_fault
from drilllib.core.reach.clients import reach
from drilllib.core.rules.rules import Direction, Flow, decide
from drilllib.core.sets.accepted import accepted
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.errors import DrillError
from drilllib.views.html.diff import shown_diff
from drilllib.views.html.elements import Folded, Items, Page, Script, Table, page_html
from drilllib.views.html.fix import shown_fix
from drilllib.views.html.lint import shown_lint
from drilllib.views.html.listings import shown_listing
from drilllib.views.html.reach import shown_accepted, shown_reach
from drilllib.views.html.rules import shown_decision, shown_health, shown_rules
from drilllib.views.html.sheet import sheet
from drilllib.views.panel.assets import style
from drilllib.views.phrases.catalog import LANGUAGES, say
from drilllib.views.phrases.pieces import Code, Phrase, phrase
from drilllib.views.shown import Shown, below
from drilllib.views.text import listings
from tests.fuzz.hostile import HOSTILE, everywhere, is_harmless, service_of
from tests.thorough import how_many
from tests.views.html_reader import ALLOWED, ATTRIBUTES, Reader

ASKED = Question(client="203.0.113.10", service="shop/web")
INGRESS = Direction.INGRESS
NAMES = ("lb-lab00001", "node-a", "web-1", "sg-node0001", "sg-clb00001", "eni-podsb001", "ins-nodea001", "shop")


def outputs(snapshot: Snapshot, language: str) -> Iterator[tuple[str, Shown]]:
    """Every output that has a page, of one snapshot, with its name."""
    asked = Question(service=service_of(snapshot.to_dict()), port=80)
    answer = trace(snapshot, Question(client="203.0.113.10", service=asked.service))
    namespace = (asked.service or "").partition("/")[0]
    yield "nodes", shown_listing(listings.kubectl_get_nodes(snapshot), language)
    yield "pods", shown_listing(listings.kubectl_get_pods(snapshot, namespace), language)
    yield "services", shown_listing(listings.kubectl_get_service(snapshot, namespace), language)
    yield "balancers", shown_listing(listings.load_balancers(snapshot, language), language)
    yield "interfaces", shown_listing(listings.interfaces(snapshot, language), language)
    yield "health", shown_health(answer, language)
    yield "reach", shown_reach(reach(snapshot, asked), language)
    yield "lint", shown_lint(library.lint(snapshot), language)
    yield "diff", shown_diff(library.diff(open_fault("two-groups"), snapshot), language)
    yield "fix", shown_fix(snapshot, library.fix(snapshot, asked, ["203.0.113.0/24", "198.51.100.0/24"]), language)
    for name in snapshot.to_dict()["security_groups"]:
        yield from of_group(snapshot, name, language)


def of_group(snapshot: Snapshot, name: str, language: str) -> Iterator[tuple[str, Shown]]:
    group, flow = snapshot.group(name), Flow(protocol="TCP", peer=ip_address("203.0.113.10"), port=30713)
    yield "rules", shown_rules(name, INGRESS, group.rules(INGRESS) or (), language)
    yield "decision", shown_decision(name, flow, decide([group], INGRESS, flow), language)
    yield "accepted", shown_accepted(name, [group], accepted([group], INGRESS), INGRESS, language)


@cache
def of_fault(fault: str, language: str) -> dict[str, list[tuple[Shown, Reader]]]:
    """The outputs of a fault by name, each with its page as it is read."""
    found: dict[str, list[tuple[Shown, Reader]]] = {}
    for name, shown in outputs(open_fault(fault), language):
        found.setdefault(name, []).append((shown, Reader(html_of(shown))))
    return found


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def html_of(shown: Shown) -> str:
    return shown._repr_mimebundle_()["text/html"]


EVERY_FAULT = [(fault, language) for fault in FAULTS for language in LANGUAGES]


@pytest.mark.parametrize(("fault", "language"), EVERY_FAULT)
def test_a_page_says_what_the_text_says(fault: str, language: str) -> None:
    """Whoever reads the text alone, in a diff or by ear, misses nothing; whoever reads the page neither."""
    for name, found in of_fault(fault, language).items():
        for shown, page in found:
            says_the_same(name, shown, page, language)


def says_the_same(name: str, shown: Shown, page: Reader, language: str) -> None:
    """Every word of the text is in the page, and of the page in the text, but for captions, headers and signs."""
    heads = [text for table in page.tables for text in (table.caption, *table.columns)]
    signs = [row[0] for table in page.tables for row in table.rows if name == "diff"]
    added = words(" ".join((*heads, *signs, page.said(("summary",)))))
    of_health = words(say(language, "health", entries="")) if name == "health" else Counter()

    assert not words(shown.text) - words(page.said()) - of_health, name
    assert not words(page.said()) - words(shown.text) - added, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_difference_and_one_that_is_not_known_are_told(language: str) -> None:
    """How many more there are, and what is missing, stand below the table."""
    before, unread, long = (open_fault("healthy").to_dict() for _ in range(3))
    del unread["security_groups"]["sg-node0001"]
    rule = long["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"][0]
    long["security_groups"]["sg-node0001"]["SecurityGroupPolicySet"]["Ingress"] = [
        {**rule, "CidrBlock": f"10.{place}.0.0/16"} for place in range(0, 90, 2)
    ]
    for after in (unread, long):
        shown = shown_diff(library.diff(Snapshot(before), Snapshot(after)), language)
        says_the_same("diff", shown, Reader(html_of(shown)), language)
        assert say(language, "missing", gaps="") in shown.text or "--json" in shown.text


@pytest.mark.parametrize(("fault", "language"), EVERY_FAULT)
def test_every_table_has_a_caption_and_headers_for_columns_and_rows(fault: str, language: str) -> None:
    """Without them, a screen reader reads a heap of cells. A mark is never alone: a word beside it says the same."""
    for name, found in of_fault(fault, language).items():
        for _, page in found:
            assert page.tables or name in ("lint", "diff"), name
            assert all(each.strip() for each in page.marks)
            for table in page.tables:
                assert all(each.strip() for each in (table.caption, *table.columns)), name
                assert table.scopes == [*["col"] * len(table.columns), *["row"] * len(table.rows)], name
                assert all(len(row) == len(table.columns) and row[0].strip() for row in table.rows), name


def test_a_hostile_name_stays_a_text() -> None:
    """It adds no element and no attribute, and what it shows is what the text shows."""
    count, tried = how_many(20, thorough=HOSTILE_CASES // 3, long=HOSTILE_CASES), 0
    for new, old in [(new, old) for new in HOSTILE for old in NAMES][:: HOSTILE_CASES // count]:
        try:
            made = [*outputs(Snapshot(everywhere(open_fault("two-groups").to_dict(), old, f"{old}{new}")), "en")]
        except DrillError:  # no such name can be asked about
            continue
        tried += 1
        for name, shown in made:
            page = Reader(html_of(shown))
            assert {*page.elements} <= ALLOWED, (new, name)
            assert page.attributes <= ATTRIBUTES, (new, name)
            assert all(map(is_harmless, page.said().split("\n"))), (new, name)
            assert not words(shown.text) - words(page.said()) - words("target health"), (new, name)
    assert tried > count // 2


HOSTILE_CASES = len(HOSTILE) * len(NAMES)


def test_commands_and_assumptions_are_folded() -> None:
    """What one needs once does not stand between the reader and the decision."""
    page = html_of(of_fault("group-3", "en")["fix"][0][0])
    open_part = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)

    assert "tccli vpc CreateSecurityGroupPolicies" in page
    assert "APPLICATION_ANSWERS_200" in page
    assert "add at the bottom: <code>ACCEPT TCP 10.0.35.0/24 80</code>" in open_part
    assert "tccli vpc" not in open_part
    assert "APPLICATION_ANSWERS_200" not in open_part


def test_the_style_sheet_has_the_tokens_it_uses_and_is_small() -> None:
    """Every output of a stored notebook has its own copy."""
    page, tokens = html_of(of_fault("healthy", "en")["rules"][0][0]), style("tokens.css")
    used = {*re.findall(r"var\((--d-[\w-]+)\)", style("tables.css"))}

    carried = page.partition("<style>")[2].partition("</style>")[0]
    assert carried == sheet("tables.css")
    assert {*re.findall(r"(--d-[\w-]+):", carried)} == used
    for name in used:
        assert carried.count(f"{name}:") == tokens.count(f"{name}:"), "both themes"
    assert len(carried) < 1_300


def test_pages_join_as_texts_do() -> None:
    """What a cell changed in two groups, and a line that says why, are one output."""
    rules = of_fault("healthy", "en")["rules"][0][0]
    joined = below(Shown("first & foremost"), rules, Shown(""), rules)

    assert joined.text == f"first & foremost\n{rules.text}\n{rules.text}"
    assert len(Reader(html_of(joined)).tables) == 2
    assert "<p>first &amp; foremost</p>" in html_of(joined)
    assert below(Shown("a"), Shown("b")) == Shown("a\nb")


def test_a_sentence_knows_which_of_its_words_are_code() -> None:
    made = phrase("en", "diff_ends", flows=Code("TCP <b>"), before="ACCEPT", after="DROP")
    page = Page("en", (made, Table(made, ["a"], []), Items("", [made]), Folded("more", (Script(["x < y"]),))))

    assert made == "TCP <b>: ACCEPT -> DROP"
    assert Phrase.joined(", ", [made, Code("x")]).pieces == (*made.pieces, ", ", "x")
    assert page_html(page).count("<code>TCP &lt;b&gt;</code>: ACCEPT -&gt; DROP") == 3
    assert "<pre tabindex=0>x &lt; y</pre>" in page_html(page)
