"""The public face: `import drilllib` offers what a script needs, loads nothing, and nobody can shadow it."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import drilllib
from drilllib import (
    Action,
    Direction,
    DrillError,
    InvalidInputError,
    Question,
    Snapshot,
    Status,
    TooComplexError,
    check,
    diff,
    fix,
    lint,
    load,
    open_fault,
    reach,
    trace,
)

ROOT = Path(drilllib.__file__).parent
ASKED = Question(service="shop/web")
ERRORS = "DrillError InvalidInputError InvalidRuleError LabStateError MissingToolError TooComplexError UnknownNameError"
ARGUMENTS = "Action Fix ConnectionFix Snapshot Assembled Captured Question Connection SecurityGroup Rule Flow Direction"
ANSWERS = "Trace Verdict Reach DoorReach Diagnosis LintFinding Severity Difference Outcome Status Proposal Decision"
FUNCTIONS = "load assemble capture trace reach reach_door diagnose lint diff check fix fix_connection decide open_fault"
LESSONS = "progress scenario_map quiz Lesson ScenarioLesson Investigation CloudLesson Practice OwnService Study"
PUBLIC = f"{ERRORS} {ARGUMENTS} {ANSWERS} {FUNCTIONS} {LESSONS} __version__".split()


def fresh(code: str) -> str:
    """What *code* prints in a Python of its own."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_public_names_are_these() -> None:
    """A name that goes breaks scripts; a name that comes is a promise. Neither happens by accident."""
    assert drilllib.__all__ == sorted(PUBLIC, key=lambda name: (name.islower(), name))
    assert set(PUBLIC) <= set(dir(drilllib))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_leads_to_a_thing_that_says_what_it_is(name: str) -> None:
    """`help(drilllib.trace)` is the first page of the manual."""
    thing = getattr(drilllib, name)
    assert name == "__version__" or (thing.__name__ == name and thing.__doc__.strip())


def test_type_checkers_are_told_the_same_names() -> None:
    """They read the imports under TYPE_CHECKING; Python reads the table below them."""
    (block,) = (node for node in ast.parse((ROOT / "__init__.py").read_text()).body if isinstance(node, ast.If))
    told = {(node.module, alias.name) for node in block.body for alias in node.names}

    assert told == {(f"drilllib.{module}", name) for name, module in drilllib._MODULE.items()}
    assert (ROOT / "py.typed").exists()


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """So that `hasattr`, `from drilllib import x` and completion work as with any module."""
    assert not hasattr(drilllib, "tracer")
    with pytest.raises(ImportError, match="cannot import name 'tracer'"):
        from drilllib import tracer  # noqa: F401  it is refused


def test_no_module_has_a_public_name() -> None:
    """Importing `drilllib.trace` would put a module where the function was."""
    beside = {path.stem for path in ROOT.glob("*.py")} | {path.name for path in ROOT.iterdir() if path.is_dir()}

    assert not beside & set(PUBLIC)


def test_importing_the_package_loads_no_other_module_of_it() -> None:
    """The command starts with this import, and so does every script that needs only one verb."""
    code = "import sys, drilllib; print(*sorted(name for name in sys.modules if name.startswith('drilllib.')))"

    assert fresh(code).split() == ["drilllib._version"]


def test_a_trace_loads_neither_lessons_nor_views() -> None:
    """A name brings its own module and nothing of the others."""
    code = "import sys; from drilllib import trace; print(*sorted(sys.modules))"

    assert not {"drilllib.lesson", "drilllib.views", "drilllib.cloud"} & set(fresh(code).split())


def test_the_names_stay_functions_when_every_module_was_imported() -> None:
    """Python sets a submodule as an attribute of its package, over whatever stood there."""
    core = "diff check.outcomes fix.proposals trace.one_client lint.linter"
    modules = (*(f"core.{each}" for each in core.split()), "lesson.cloud", "deploy", "cli")
    imports = "; ".join(f"import drilllib.{name}" for name in modules)
    code = f"{imports}; print(*(type(getattr(drilllib, name)).__name__ for name in {FUNCTIONS.split()}))"

    assert set(fresh(code).split()) == {"function"}


def test_a_snapshot_is_loaded_from_a_document_or_a_file(tmp_path: Path) -> None:
    """JSON is what tools write; YAML is what people write."""
    document = open_fault("group-1").to_dict()
    written = {name: tmp_path / name for name in ("lab.json", "lab.yaml")}
    yaml = pytest.importorskip("yaml")
    written["lab.json"].write_text(json.dumps(document))
    written["lab.yaml"].write_text(yaml.safe_dump(document))

    for source in (document, *written.values(), str(written["lab.json"])):
        assert isinstance(load(source), Snapshot)
        assert load(source).to_dict() == document


def test_a_group_where_a_snapshot_is_asked_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "group.json").write_text('{"Ingress": [], "Egress": []}')

    with pytest.raises(InvalidInputError, match="is a security group, not a snapshot"):
        load(tmp_path / "group.json")


def test_reach_answers_every_port_of_a_service() -> None:
    """Whoever names no port means all of them."""
    (answer,) = reach(open_fault("healthy"), ASKED)

    assert (answer.question.port, answer.family) == (80, 4)


def test_lint_and_diff_take_snapshots_or_groups() -> None:
    """A saved group is asked the same way as a whole snapshot."""
    before, after = open_fault("history"), open_fault("healthy")
    groups = [each.group("sg-node0001") for each in (before, after)]

    assert {each.code for each in lint(groups[:1])} & {each.code for each in lint(before)}
    assert diff(before, after)
    assert diff(*groups)
    assert not diff(before, before)
    with pytest.raises(InvalidInputError, match="two snapshots or two security groups"):
        diff(before, groups[0])


def test_check_takes_a_document_or_a_file(tmp_path: Path) -> None:
    """Expectations lie in a repository, or are made by a script."""
    allow = {"allow": {"service": "shop/web", "from": ["203.0.113.0/24"]}}
    document = {"schema": "drilllib/expectations/1", "expectations": [allow]}
    (tmp_path / "expectations.json").write_text(json.dumps(document))

    for source in (document, tmp_path / "expectations.json"):
        assert [each.status for each in check(open_fault("healthy"), source)] == [Status.HOLDS]
        assert [each.status for each in check(open_fault("group-1"), source)] == [Status.FAILS]


@pytest.mark.parametrize("clients", ["203.0.113.0/24", ["203.0.113.0/24"], ("203.0.113.0/25", "203.0.113.128/25")])
def test_a_fix_is_for_one_block_or_several(clients: object) -> None:
    """A text is not a list of letters."""
    answer = fix(open_fault("group-2"), ASKED, clients)

    assert answer.works
    assert answer.proposals[0].changes


def test_a_block_that_cannot_be_read_is_one_sentence() -> None:
    with pytest.raises(InvalidInputError, match=r"The client block is '203.0.113.7/24', .*Write 203.0.113.0/24"):
        fix(open_fault("group-2"), ASKED, "203.0.113.7/24")
    with pytest.raises(InvalidInputError, match="The block of nodes is 'nodes'"):
        fix(open_fault("group-2"), ASKED, "203.0.113.0/24", nodes="nodes")


def test_a_trace_without_a_client_is_refused() -> None:
    """`reach` and `fix` ask about everybody; a trace follows one."""
    with pytest.raises(InvalidInputError, match="The client is ''"):
        trace(open_fault("healthy"), ASKED)


def test_kinds_are_compared_as_text_too() -> None:
    """In a notebook one writes "reachable", not where the enumeration lives."""
    answer = trace(open_fault("group-1"), Question(client="203.0.113.10", service="shop/web"))

    assert answer.verdict == "unreachable"
    assert (Direction.INGRESS, Action.DROP) == ("ingress", "DROP")


def test_all_errors_are_caught_by_one_name() -> None:
    errors = [getattr(drilllib, name) for name in ERRORS.split()]

    assert all(issubclass(each, DrillError) for each in errors)
    assert TooComplexError in errors
