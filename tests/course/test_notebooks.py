"""The committed notebooks: built from their source, executed, the same on every run, alike in both languages."""

import base64
import html
import json
import re
import runpy
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from drilllib.cloud.shell.wrappers import find_program
from drilllib.course.normalise import LIVE_VIEW, normalise
from drilllib.lesson import record
from drilllib.lesson.labs import no_real_packets
from drilllib.lesson.repairs import SOLVE
from drilllib.views.panel.static import HEADLESS
from drilllib.views.phrases.catalog import say
from drilllib.views.picture import graphviz
from tests.course.verified import verified
from tests.thorough import thorough

pytest.importorskip("nbclient", reason="nbclient is not installed")

ROOT = Path(__file__).parents[2] / "notebooks"
BUILD = runpy.run_path(str(ROOT / "build.py"))
NAMES = BUILD["names"]()
PINNED = (graphviz.renderer() or [""])[0] == "graphviz-pure"
REAL_PACKETS, CLOUD, TICKETS, OWN = "07-real-packets", "08-cloud", "09-tickets", "10-own-service"
PRODUCTION, STUDY = "11-production", "12-study"
SCENARIOS = [*record.SCENARIOS.values()]
FILES = [f"{language}/{name}" for language in ("zh", "en") for name in NAMES]


def stored(file: str) -> dict:
    return json.loads((ROOT / f"{file}.ipynb").read_text(encoding="utf-8"))


def sources(notebook: dict, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_there_are_the_notebooks_of_the_course() -> None:
    first = ["00-start", "01-clb", "02-node", "03-pod", "04-investigation", "05-practice", "06-exact"]
    assert [*first, REAL_PACKETS, CLOUD, TICKETS, OWN, PRODUCTION, STUDY, *SCENARIOS] == NAMES
    assert sorted(path.stem for path in (ROOT / "zh").glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code(name: str) -> None:
    """A repair made in one language only would leave half of the learners behind."""
    assert sources(stored(f"zh/{name}"), "code") == sources(stored(f"en/{name}"), "code")


@pytest.mark.parametrize("file", FILES)
def test_a_notebook_is_what_its_source_says(file: str) -> None:
    """Edits go into notebooks/source; `make notebooks` builds the rest."""
    language, name = file.split("/")
    built = BUILD["notebook"](name, language)

    for kind in ("code", "markdown"):
        assert sources(stored(file), kind) == [cell["source"] for cell in built["cells"] if cell["cell_type"] == kind]


@pytest.mark.skipif(
    not graphviz.renderer() or graphviz.renderer()[0] != "graphviz-pure",
    reason="the graphviz-pure wheel is not installed",
)
# nbval runs them all, and compares what each cell says; this compares the files, byte for byte.
@pytest.mark.parametrize("file", [each if "02" in each else pytest.param(each, marks=thorough) for each in FILES])
def test_running_it_again_gives_the_same_bytes(file: str) -> None:
    """Whoever rebuilds sees a diff only where something changed."""
    language, name = file.split("/")
    if name in (REAL_PACKETS, CLOUD) and no_real_packets():
        pytest.skip(f"no real packets here: {no_real_packets()}")
    if name == CLOUD and find_program("tccli") is None:
        pytest.skip("tccli is not installed: make tccli")
    assert BUILD["executed"](name, language) == (ROOT / f"{file}.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_what_is_committed_is_normal(file: str) -> None:
    """No timings, no dead widgets, no machine in it."""
    text = (ROOT / f"{file}.ipynb").read_text(encoding="utf-8")

    assert normalise(json.loads(text)) == json.loads(text)
    assert LIVE_VIEW not in text
    assert not re.search(r"/home/|/tmp/|/root/", text)


@pytest.mark.parametrize("file", FILES)
def test_every_shown_object_has_a_text_that_means_something(file: str) -> None:
    """A screen reader and a plain diff see only the text."""
    for cell in stored(file)["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "execute_result":
                text = "".join(output["data"]["text/plain"])
                assert not re.match(r"<[\w.]+ object at|[A-Z]\w+\(", text), text


@pytest.mark.parametrize("file", FILES)
def test_a_lesson_begins_with_one_import_and_one_lesson(file: str) -> None:
    """What a learner has to copy into a notebook of their own."""
    _, first, *_ = sources(stored(file), "code")
    if TICKETS in file:
        assert first.splitlines()[:3] == [
            "from drilllib import Practice",
            "",
            "practice = Practice(seed=seed, level=level)",
        ]
        return
    if OWN in file or PRODUCTION in file:
        assert first.splitlines()[:2] == ["from drilllib import OwnService", ""]
        return
    if STUDY in file:
        assert first.splitlines()[:2] == ["from drilllib import Study", ""]
        return
    if file[3:] in SCENARIOS:
        (scenario,) = (each for each, name in record.SCENARIOS.items() if name == file[3:])
        assert first.splitlines()[:3] == [
            "from drilllib import ScenarioLesson",
            "",
            f'lesson = ScenarioLesson("{scenario}")',
        ]
        return
    name = "cloud" if CLOUD in file else "lesson"
    thing = "CloudLesson" if CLOUD in file else "Investigation" if "04" in file else "Lesson"
    more = "Investigation, " if REAL_PACKETS in file else ""
    lines = [line for line in first.splitlines() if not line.startswith("variant = ")]

    assert lines[:2] == [f"from drilllib import {more}{thing}, quiz", ""]
    assert lines[2].startswith(f"{name} = {thing}(")


@pytest.mark.parametrize("file", FILES)
def test_a_kernel_without_the_package_is_explained(file: str) -> None:
    """Opened in somebody's own Jupyter, the course meets kernels that have never heard of it."""
    text, first = sources(stored(file), "markdown")[0], sources(stored(file), "code")[1]
    elsewhere = [sys.executable, "-I", "-S", "-c", first]  # knows the standard library only
    said = subprocess.run(elsewhere, capture_output=True, text=True).stderr.splitlines()[-1]

    assert said == "ModuleNotFoundError: No module named 'drilllib'"
    assert said.partition(": ")[2] in text
    assert "Kernel > Change Kernel" in text


@pytest.mark.parametrize(
    "file",
    [each for each in FILES if not any(name in each for name in (REAL_PACKETS, TICKETS, OWN, PRODUCTION, STUDY))],
)
def test_what_a_lesson_ends_in_is_verified_as_it_is_stored(file: str) -> None:
    """`verify` raises nothing at a learner, so that a run alone shows nothing. In 07 nothing is repaired."""
    assert {*verified(stored(file))} == {say(file[:2], "repair_passed")}


@pytest.mark.parametrize(
    "name", [each for each in NAMES if each not in (REAL_PACKETS, CLOUD, TICKETS, OWN, PRODUCTION, STUDY)]
)
def test_running_every_cell_does_not_repair_anything(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course could once be finished with Shift+Enter. No cell fails, and none does the learner's part."""
    for variable in (SOLVE, HEADLESS):
        monkeypatch.delenv(variable, raising=False)
    learner: dict[str, Any] = {}
    passed = []
    for code in sources(stored(f"en/{name}"), "code"):
        if code.endswith(".verify()"):
            passed.append(eval(code, learner).passed)
        else:
            exec(code, learner)

    assert passed
    assert not any(passed)
    assert not learner["lesson"].verify().passed, "it can be asked again: the lab is open until somebody is done"


@pytest.mark.parametrize("file", [each for each in FILES if "04-investigation" in each])
def test_an_investigation_does_not_give_away_how_many_causes_there_are(file: str) -> None:
    """Nor what health says, before it was predicted."""
    notebook = stored(file)
    said = "\n".join(sources(notebook, "markdown"))
    code = sources(notebook, "code")

    assert not re.search(r"三处|第[一二三]轮|哪三条|[Rr]ound (one|two|three)|which three", said)
    assert code.index('lesson.predict("health")') < min(code.index(f"lesson.{each}()") for each in SHOW_HEALTH)


SHOW_HEALTH = ("health", "load_balancers", "picture")


@pytest.mark.parametrize("file", FILES)
def test_no_cell_reaches_into_the_lab(file: str) -> None:
    """What a cell needs is a verb of the lesson, which a learner can find by its name."""
    assert not re.search(r"\.lab\b|drilllib\.", "\n".join(sources(stored(file), "code")))


@pytest.mark.parametrize("file", FILES)
def test_code_cells_are_short_and_numbered(file: str) -> None:
    """One idea a cell; supporting code lives in the library."""
    cells = [cell for cell in stored(file)["cells"] if cell["cell_type"] == "code"]

    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert all(len("".join(cell["source"]).splitlines()) <= 8 for cell in cells)


@pytest.mark.parametrize("file", FILES)
def test_an_export_shows_the_panels_picture_and_text_and_runs_nothing(file: str) -> None:
    """As nbconvert --to html makes it, and pages that allow no scripts, such as GitHub's. Practice shows no picture."""
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    panels = [cell for cell in stored(file)["cells"] if ".panel(" in "".join(cell["source"])]

    page, _ = nbconvert.HTMLExporter().from_filename(str(ROOT / f"{file}.ipynb"))

    folded = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", page, re.DOTALL)
    assert len(folded) == page.count("<details>")
    assert all(re.sub("<[^>]*>", "", inside).strip() for _, inside in folded), "an answer stands outside of its fold"
    pictures = [
        base64.b64decode(each).decode() for each in re.findall(r'src="data:image/svg\+xml;base64,([^"]+)', page)
    ]
    for cell in panels:
        *picture_of, text = (output["data"] for output in cell["outputs"])
        assert html.escape("".join(text["text/plain"]).splitlines()[1].strip(), quote=False) in page
        if TICKETS in file:
            continue
        drawn = "".join(picture_of[0]["image/svg+xml"])
        assert "<script" not in drawn
        assert "onclick" not in drawn
        assert drawn in pictures
    assert "widget-view" not in page


@pytest.mark.parametrize("file", FILES)
def test_links_lead_somewhere(file: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", "\n".join(sources(stored(file), "markdown"))):
        assert (ROOT / file).parent.joinpath(target).exists(), target


def is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


@pytest.mark.parametrize("name", NAMES)
def test_bold_is_bold_in_chinese_too(name: str) -> None:
    """Markdown does not close ``**（ENI）**`` before a letter, and Chinese puts no space there."""
    for line in (ROOT / "source" / f"{name}.md").read_text(encoding="utf-8").splitlines():
        for place, match in enumerate(re.finditer(r"\*\*", line)):
            before, after = f" {line}"[match.start()], f"{line} "[match.end()]
            inner, outer = (before, after) if place % 2 else (after, before)
            assert not inner.isspace(), line
            assert not is_mark(inner) or outer.isspace() or is_mark(outer), line


def test_the_normaliser_takes_out_what_differs_between_runs() -> None:
    """Each of these was seen in a real executed notebook."""
    data = {LIVE_VIEW: {"model_id": "abc"}, "text/plain": "panel"}
    output = {"output_type": "execute_result", "data": data, "metadata": {"x": 1}, "execution_count": 7}
    metadata = {"execution": {"iopub.execute_input": "2026"}, "tags": ["parameters"], "papermill": {"duration": 1}}
    cell = {"cell_type": "code", "source": "x", "metadata": metadata, "execution_count": 7, "outputs": [output]}
    notebook = {"cells": [cell], "metadata": {"widgets": {"state": {}}, "language_info": {"version": "3.11.7"}}}

    result = normalise(notebook)

    assert result["cells"][0]["metadata"] == {"tags": ["parameters"]}
    assert output == {
        "output_type": "execute_result",
        "data": {"text/plain": "panel"},
        "metadata": {},
        "execution_count": 1,
    }
    assert result["metadata"]["language_info"] == {"name": "python"}
    assert normalise(json.loads(json.dumps(result))) == result


def test_a_print_that_arrived_in_pieces_is_one() -> None:
    """Whether it does depends on the moment; two runs must not differ by it."""
    pieces = [
        {"output_type": "stream", "name": name, "text": text} for name, text in (("stdout", "a"), ("stdout", "b"))
    ]
    pieces.append({"output_type": "stream", "name": "stderr", "text": "c"})
    cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": pieces}

    outputs = normalise({"cells": [cell], "metadata": {}})["cells"][0]["outputs"]

    assert [(output["name"], output["text"]) for output in outputs] == [("stdout", "ab"), ("stderr", "c")]


def test_text_outside_a_language_is_refused() -> None:
    with pytest.raises(ValueError, match="stray"):
        BUILD["read_source"]("<!-- zh -->\na\n<!-- en -->\nb\n```python\nx = 1\n```\nstray\n")
