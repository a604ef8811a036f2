"""What the engineer's page answers, asked as its script asks: in JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drilllib.cli import main
from drilllib.core.drills.default_lab import CLIENT, SERVICE
from drilllib.core.drills.faults import open_fault
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.site.pages.answers import answer

BY_HAND = Path(__file__).parents[1] / "core" / "by_hand"
SNAPSHOT = {"name": "pasted text", "text": json.dumps(open_fault("group-2").to_dict())}


def asked(*files: dict[str, str], service: str = "", clients: str = CLIENT, language: str = "en") -> dict:
    question = {"files": list(files), "service": service, "clients": clients, "language": language}
    return json.loads(answer(json.dumps(question)))


def saved() -> list[dict[str, str]]:
    """The files of somebody's cluster, as a browser hands them over."""
    return [{"name": path.name, "text": path.read_text(encoding="utf-8")} for path in sorted(BY_HAND.iterdir())]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_snapshot_is_diagnosed_as_the_command_does(tmp_path: Path, language: str) -> None:
    """The page for the ticket is the same but for the line that says when it was made, and of what."""
    (tmp_path / "snapshot.json").write_text(SNAPSHOT["text"], encoding="utf-8")
    page = tmp_path / "page.html"
    main(
        ["diagnose", str(tmp_path / "snapshot.json"), "--from", CLIENT, "--html", str(page), "--lang", language],
    )
    found = asked(SNAPSHOT, language=language)
    bare = [text.rpartition("<p>")[0] for text in (found["page"], page.read_text(encoding="utf-8"))]
    assert bare[0] == bare[1]
    assert len(bare[0]) > 5000
    assert "TARGET_GROUP_DROPPED" in found["title"]
    assert found["told"] == ""
    assert found["path"]["state"]["scene"]["cards"]
    assert "error" not in found


def test_saved_answers_are_assembled_and_diagnosed() -> None:
    """YAML and JSON in any mix; the snapshot that comes with it can be used by the command."""
    found = asked(*saved(), service="edge/gateway", clients="203.0.113.10, 203.0.113.11")
    assert found["services"] == ["edge/gateway"]
    assert "networkpolicies" in found["told"]
    assert "203.0.113.11" in found["page"]
    assert Snapshot(json.loads(found["snapshot"])).service_names() == ("edge/gateway",)


def test_of_one_service_alone_the_next_commands_are_told() -> None:
    only = [each for each in saved() if each["name"].startswith("svc")]
    assert only
    found = asked(*only)
    assert "kubectl get pods --namespace edge" in found["told"]
    assert "DescribeLoadBalancers" in found["told"]
    assert "page" in found


def test_of_several_services_one_has_to_be_named() -> None:
    document = open_fault("group-2").to_dict()
    service = next(each for each in document["kubernetes"] if each["kind"] == "Service")
    other = {**service, "metadata": {**service["metadata"], "name": "api"}}
    document["kubernetes"].append(other)
    several = {"name": "two.json", "text": json.dumps(document)}
    found = asked(several)
    assert found["services"] == ["shop/web", "shop/api"]
    assert "page" not in found
    assert "error" not in found
    assert asked(several, service="shop/web")["page"]


def test_an_address_is_asked_for_as_one() -> None:
    found = asked(SNAPSHOT, service="192.0.2.10")
    assert "192.0.2.10" in found["title"]
    assert "error" not in found


@pytest.mark.parametrize(
    ("files", "more", "said"),
    [
        ((), {}, "Nothing was pasted"),
        (({"name": "a", "text": "  "},), {}, "Nothing was pasted"),
        (({"name": "a.json", "text": '{"kind": '},), {}, "a.json"),
        (({"name": "a", "text": '{"colour": "red"}'},), {}, "a"),
        ((SNAPSHOT,), {"clients": " , "}, "No client was named"),
        ((SNAPSHOT,), {"clients": "nobody"}, "nobody"),
        ((SNAPSHOT,), {"service": "shop/other"}, "shop/other"),
        ((SNAPSHOT,), {"service": "192.0.2.999"}, "192.0.2.999"),
    ],
)
def test_whatever_is_wrong_is_one_line(files: tuple, more: dict, said: str) -> None:
    found = asked(*files, **more)
    assert said in found["error"]
    assert "\n" not in found["error"]
    assert "page" not in found


def test_an_error_speaks_the_readers_language() -> None:
    assert "没有粘贴" in asked(language="zh")["error"]


def test_a_service_that_no_file_has_leaves_what_was_read() -> None:
    found = asked(*saved(), service="edge/nowhere")
    assert "edge/nowhere" in found["error"]
    assert found["told"]
    assert found["services"] == ["edge/gateway"]


def test_names_in_the_page_are_text() -> None:
    """A name of a file or of an object is a stranger's, and the page shows it within our own."""
    document = open_fault("group-2").to_dict()
    text = json.dumps(document).replace("web-1", "<img src=x>")
    found = asked({"name": "<script>alert(1)</script>.json", "text": text})
    assert "<script" not in found["page"]
    assert "<img" not in found["page"]
    assert "&lt;img" in found["page"]


def test_it_needs_nothing_but_the_standard_library() -> None:
    """In the page there is no other package."""
    code = (
        "import json\nfrom drilllib.core.drills.faults import open_fault\nfrom drilllib.site.pages import answers\n"
        "text = json.dumps(open_fault('group-2').to_dict())\n"
        "asked = {'files': [{'name': 'a', 'text': text}], 'service': '', 'clients': '203.0.113.10', 'language': 'en'}\n"
        "print(len(json.loads(answers.answer(json.dumps(asked)))['page']))"
    )
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {str(BY_HAND.parents[2])!r})\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(run.stdout) > 5000


def test_the_service_of_the_example_is_the_labs() -> None:
    assert asked(SNAPSHOT)["services"] == [SERVICE]
