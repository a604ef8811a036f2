"""
What the code can say, found in its source, and the catalogues that say it in each language.

`make messages` (``python -m tests.messages``) adds to each drilllib.po what is new in the code, drops what the code no
longer says, prints what waits for a translation, and compiles drilllib.mo. tests/views/test_catalog.py compares.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import drilllib
from drilllib.classes.judge import Standing
from drilllib.classes.progress import State
from drilllib.classes.tally import WhyNot
from drilllib.core.changes.undo import Unclear
from drilllib.core.check.status import Status
from drilllib.core.drills.diagnosis import CAUSES, Place
from drilllib.core.drills.matrix import MATRIX
from drilllib.core.drills.settings import LISTENERS, POLICIES
from drilllib.core.drills.worlds.world import CauseKind
from drilllib.core.facts import FactCode
from drilllib.core.fix.causes import CauseCode
from drilllib.core.fix.steps import StepCode
from drilllib.core.fix.ways import WayCode
from drilllib.core.lint.findings import LintCode, Severity
from drilllib.core.practice.hypotheses import CausePlace
from drilllib.core.practice.looks import LookKind
from drilllib.core.practice.reasons import GradeCode, Part
from drilllib.core.practice.settings import KINDS
from drilllib.core.quiz.predictions import BETWEEN, Topic
from drilllib.core.rules.rules import Direction
from drilllib.core.trace.codes import Assumption, Reason
from drilllib.core.trace.findings import FindingCode
from drilllib.core.trace.path import PathOutcome
from drilllib.core.trace.verdict import Verdict
from drilllib.lesson.tasks import TASKS
from drilllib.practice.library import drills
from drilllib.views.html.attempt import BUTTONS
from drilllib.views.html.board import SECTIONS
from drilllib.views.html.practice import PHRASES
from drilllib.views.html.words import COLUMNS
from drilllib.views.panel import head_state, path_state, practice, reach_state, rule_panel, symptom_view
from drilllib.views.panel.guess import SENTENCES
from drilllib.views.panel.practice_grade import NEEDED
from drilllib.views.panel.practice_messages import STAGES
from drilllib.views.panel.practice_state import VALUES
from drilllib.views.phrases.catalog import LANGUAGES, LOCALE
from drilllib.views.text import board, cause_label, study
from drilllib.views.text.diagnose import MARKS, ROWS
from drilllib.views.text.diagnosed import COLUMNS as DIAGNOSE_COLUMNS
from drilllib.views.text.diff import SIGNS
from drilllib.views.text.prediction import MEANT
from drilllib.views.text.provision import COSTS, HEADS
from drilllib.views.text.provision import KINDS as KINDS_OF_PARTS
from drilllib.views.text.scenario_map import HEADS as HEADS_OF_MAP

PACKAGE = Path(drilllib.__file__).parent
SOURCE = "en"  # the language of the sentences in the code; its catalogue has only what has a symbolic key
ADDRESSES = ("client", "vip", "node_a", "node_b")
BOXES = ("clb", "node", "pod")
HEALTH = ("Alive", "Dead", "Unknown", "Close")
SYMPTOMS = ("connect_timeout", "connected", "answered", "no_answer", "port_unreachable")
# Keys that the code has in a variable.
CODES = (
    Reason,
    Assumption,
    FindingCode,
    Verdict,
    PathOutcome,
    Direction,
    HEALTH,
    SYMPTOMS,
    BOXES,
    ("source", "destination", "outside"),
)
KEYS = {"say": 1, "phrase": 1, "Statement": 0}  # which argument of these is a key
# What may stand behind the beginning of a key, as in f"check_{status}".
ENDINGS = {
    "check_": Status,
    "attempt.": BUTTONS,
    "board.": (*SECTIONS, "live", "gone"),
    "board.head_": ("drill", "failed", "begun"),
    "board.is_": State,
    "class.place_": cause_label.PLACES,
    "class.cause_": cause_label.KINDS,
    "class.group_": cause_label.WAYS,
    "class.head_": board.HEADS,
    "class.is_": (*Standing, *WhyNot),
    "col_": COLUMNS,
    "diagnose.col_": DIAGNOSE_COLUMNS,
    "diagnose.hop_": MARKS,
    "diagnose.is_": Verdict,
    "diagnose.row_": ROWS,
    "diagnosis_cause_": CAUSES,
    "grade_part_": Part,
    "rollback_": Unclear,
    "hint_": ("open", "out"),
    "hint_hop_": CausePlace,
    "hint_kind_": CauseKind,
    "hint_place_": [each for each in CausePlace if each is not CausePlace.NOWHERE],
    "look_": LookKind,
    "look_pass_to_target_": ("on", "off", "unknown"),
    "diagnosis_if_": CAUSES,
    "diagnosis_seen_": (Place.TOO_FAR, Place.TOO_NEAR),
    "diff_is_": SIGNS,
    "fix.cause_": CauseCode,
    "fix.do_": ("insert", "append", "replace", "delete"),
    "fix.step_": StepCode,
    "fix.subnets_of_": ("nodes", "pods"),
    "fix.way_": WayCode,
    "group_of_": BOXES,
    "lint.": Severity,
    "map.": HEADS_OF_MAP,
    "map.row_": [str(each) for each in MATRIX],
    "map.lists_": [str(each) for each in MATRIX],
    "practice.cause_": (*CauseKind, "nothing"),
    "practice.category_": tuple(sorted({each.category for each in drills()})),
    "practice_panel.": (*practice.WORDS, *PHRASES),
    "practice_panel.cause_": [each for each in CauseKind if each is not CauseKind.GROUP],
    "practice_panel.cause_group_": Direction,
    "practice_panel.hint_": "123",
    "practice_panel.look_": LookKind,
    "practice_panel.part_": NEEDED,
    "practice_panel.place_": ("clb", "node", "pod", "listener"),
    "practice_panel.place_of_": LookKind,
    "practice_panel.setting_": KINDS,
    "practice_panel.stage_": STAGES,
    "practice_panel.value_": VALUES,
    "predict.about_": Topic,
    "predict.health_": ("Alive", "Dead"),
    "predict.is_": (
        *BOXES,
        *BETWEEN,
        "no_group",
        "nowhere",
        "untold",
        "mixed",
        "no_rule",
        "not_asked",
        "sometimes",
        "yes",
        "no",
    ),
    "predict.says_": MEANT,
    "quiz.ask_peer_": ("node", "pod", "direct"),
    "quiz.is_": ADDRESSES,
    "quiz.opens_": ("right", "elsewhere", *(f"at_{place}" for place in BOXES)),
    "quiz.peer_right_": ("node", "pod", "direct"),
    "quiz.peer_wrong_": ADDRESSES,
    "quiz.stop_": ("clb", "none", "behind_HTTP", "behind_TCP"),
    "reach_": Verdict,
    "study.col_": (*study.HEADS, *study.FORM_COLUMNS),
    "study.is_": study.MEASURES,
    "task_": TASKS,
    "up.cost_": COSTS,
    "up.kind_": KINDS_OF_PARTS,
    "ls.head_": HEADS,
    "ui_choice_": (*LISTENERS, *POLICIES),
    "ui_of_": BOXES,
    "ui_said_": SENTENCES,
    "ui_setting_": head_state.CHOICES,
    "ui_tab_": BOXES,
    "ui_step_": ("code", "reset"),
    "ui_": (*path_state.WORDS, *rule_panel.WORDS, *symptom_view.WORDS, *reach_state.KINDS, "nobody"),
}


@cache
def trees(root: Path) -> list[ast.Module]:
    """The source of every module under *root*, in the order of their names."""
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.py"))]


@cache
def nodes(tree: ast.AST) -> list[ast.AST]:
    """All under *tree*; modules are looked through several times."""
    return [*ast.walk(tree)]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call under *tree* with the last name of what is called: ``say`` of ``text.say(...)``, or ``super``."""
    for node in nodes(tree):
        if isinstance(node, ast.Call):
            called = node.func
            of_super = isinstance(called, ast.Attribute) and ast.unparse(called) == "super().__init__"
            yield "super" if of_super else getattr(called, "attr", getattr(called, "id", "")), node


def literals(node: ast.AST) -> Iterator[str]:
    """The strings that an expression may have as its value; those it only compares with are none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (text for branch in (node.body, node.orelse) for text in literals(branch))


# Sentences in English, which are their own keys.


def bases(each: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in each.bases}


def errors(modules: Iterable[ast.Module]) -> dict[str, ast.ClassDef | None]:
    """The names of DrillError and of all that derives from it."""
    classes = [node for tree in modules for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    found: dict[str, ast.ClassDef | None] = {"DrillError": None}
    while more := [each for each in classes if each.name not in found and bases(each) & {*found}]:
        found |= {each.name: each for each in more}
    return found


@cache
def sentences(root: Path) -> list[str]:
    """Every missing fact and reason of a grade; every problem and remedy of an error; every `Message`. Each once."""
    modules = trees(root)
    known = errors(modules)
    own = [call for each in known.values() if each for name, call in calls(each) if name == "super"]
    made = [call for tree in modules for name, call in calls(tree) if name in known or name == "Message"]
    arguments = (
        value
        for call in (*made, *own)
        for value in (*call.args[:1], *(each.value for each in call.keywords if each.arg == "remedy"))
    )
    texts = (text for value in arguments for text in literals(value) if text)
    return list(dict.fromkeys((*FactCode, *GradeCode, *texts)))


# Symbolic keys, such as "headline".


@cache
def keys(root: Path) -> set[str]:
    """
    Every symbolic key that the code asks for.

    Raises:
        KeyError: A key is put together, and ENDINGS does not say of what.
    """
    asked = {str(code) for codes in CODES for code in codes}
    for tree in trees(root):
        for name, call in calls(tree):
            argument = call.args[KEYS[name]] if name in KEYS else None
            if argument is not None:
                asked.update(literals(argument))
            if isinstance(argument, ast.JoinedStr):
                beginning = getattr(argument.values[0], "value", "")
                known = ENDINGS[beginning] if name != "Statement" else ENDINGS.get(beginning, ())
                asked.update(f"{beginning}{end}" for end in known)
    return asked


@cache
def used(root: Path) -> set[str]:
    """The same, and what may reach `say` by way of a variable: ``key = ...``, or any text that is no plain word."""
    every = [node for tree in trees(root) for node in nodes(tree)]
    strings = {node.value for node in every if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assigned = [node for node in every if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "key"]
    written = {text for text in strings if "_" in text or "." in text}
    return keys(root) | written | {text for each in assigned for text in literals(each.value)}


# The catalogues.


def catalog_file(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "drilllib.po"


def read(language: str) -> Catalog:
    return parsed(catalog_file(language).read_bytes())


@cache
def parsed(written: bytes) -> Catalog:
    return read_po(BytesIO(written))


def messages(catalog: Catalog) -> dict[str, str]:
    """Every sentence by its key; the header is none."""
    return {message.id: message.string for message in catalog if message.id}


def wanted(language: str, root: Path = PACKAGE) -> list[str]:
    """The keys that the catalogue of *language* has to have, symbolic ones in the order of the English catalogue."""
    said = used(root)
    lint = {*LintCode}
    known = [
        key
        for key in messages(read(SOURCE))
        if {key, key.removesuffix(".remedy")} & said or key.partition(".")[0] in lint
    ]
    new = sorted(keys(root) - {*known})
    return [*known, *new, *(sentences(root) if language != SOURCE else ())]


def updated(catalog: Catalog, ids: Iterable[str]) -> Catalog:
    """*catalog* with the messages *ids* and no others, in that order; comments and translations are kept."""
    renewed = read_po(BytesIO(po(catalog).partition(b"\n\n")[0]))
    for key in ids:
        old = catalog.get(key)
        renewed.add(key, old.string if old else "", user_comments=old.user_comments if old else ())
    return renewed


def po(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_po(written, catalog, width=0, no_location=True)
    return written.getvalue()


def mo(catalog: Catalog) -> bytes:
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def main() -> None:
    """Bring every catalogue up to date."""
    for language in sorted(LANGUAGES, key=lambda each: each != SOURCE):
        catalog = updated(read(language), wanted(language))
        file = catalog_file(language)
        file.write_bytes(po(catalog))
        file.with_suffix(".mo").write_bytes(mo(catalog))
        waiting = [key for key, text in messages(catalog).items() if not text]
        print(f"{language}: {len(messages(catalog))} messages, {len(waiting)} to translate {waiting[:3] or ''}")


if __name__ == "__main__":
    main()
