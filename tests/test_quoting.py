"""Each medium by a reader of its own that is not ours: bash, a parser of HCL, one of XML, JSON's, Graphviz itself."""

import json
import os
import shlex
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drilllib.errors import Message
from drilllib.quoting import (
    LONGEST_LINE,
    Option,
    hcl_comment,
    hcl_text,
    json_text,
    json_word,
    line_to_paste,
    markup,
    shell_line,
    shell_path,
    terminal_text,
)
from tests.fuzz.hostile import HOSTILE, STRANGE, is_harmless

hcl2 = pytest.importorskip("hcl2")
ElementTree = pytest.importorskip("defusedxml.ElementTree")

TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec=None), max_size=20))


@given(TEXTS)
def test_a_terminal_gets_one_line_and_nothing_to_obey(text: str) -> None:
    shown = terminal_text([text, "next"])

    assert shown.count("\n") == 1
    assert is_harmless(shown.replace("\n", ""))
    assert text in shown or not is_harmless(text)


def test_what_is_hidden_is_shown() -> None:
    assert terminal_text(["a\x1b[2J\u202eb\n"]) == "a\\x1b[2J\\u202eb\\n"


@given(TEXTS)
def test_json_is_ascii_that_says_the_same(text: str) -> None:
    shown = json_text({text: [text]})

    assert shown.isascii()
    assert is_harmless(shown.replace("\n", ""))
    assert json.loads(shown) == {text: [text]}
    assert is_harmless(json_word([text]))
    assert json.loads(json_word([text])) == [text]


@given(st.lists(TEXTS, min_size=1, max_size=3))
@example(["--all"])
@example(["a\tb"])
def test_a_line_for_a_shell_has_the_words_or_is_a_comment(words: list[str]) -> None:
    line = shell_line(["stub", Option("--name"), *words])

    if isinstance(line, Message):
        assert not all(map(is_harmless, words)) or any(each.startswith("-") for each in words) or "" in words
        assert shlex.split(str(line), comments=True) == []
    else:
        assert "\n" not in line
        assert shlex.split(line) == ["stub", "--name", *words]


def test_bash_runs_each_line_with_exactly_its_words(tmp_path: Path) -> None:
    """All lines in one bash that has no other command than a stub."""
    written = [shell_line(["stub", each, f"x{each}"]) for each in HOSTILE]
    stub = 'PATH=; stub() { printf "%s\\0" "$#" "$@"; }\n'
    script = stub + "".join(f"{each}\n" for each in written)
    ran = subprocess.run(["bash", "-c", script], capture_output=True, cwd=tmp_path, check=True)

    carried = [each for each, line in zip(HOSTILE, written, strict=True) if isinstance(line, str)]
    assert ran.stderr == b""
    assert ran.stdout.decode().split("\0")[:-1] == [word for each in carried for word in ("2", each, f"x{each}")]
    assert list(tmp_path.iterdir()) == []
    assert {"$(touch x)", "a; touch x #", "防火墙"} < set(carried)


@pytest.mark.parametrize("character", [each for each in STRANGE if each != "\t"] + ["\t"])
def test_what_a_terminal_would_obey_or_hide_is_never_in_a_line_to_paste(character: str) -> None:
    refused = str(shell_line(["kubectl", f"a{character}b"]))

    assert refused.startswith("# This command is not printed: ")
    assert f"U+{ord(character):04X}" in refused
    assert is_harmless(refused)


def test_a_name_is_no_option() -> None:
    """A pod may be called --all; `kubectl delete pod --all` is another command."""
    assert str(shell_line(["kubectl", "delete", "pod", "--all"])).startswith("# This command is not printed")
    assert shell_line(["cp", shell_path(Path("-r"))]) == "cp ./-r"


def test_an_empty_name_is_not_left_to_the_command() -> None:
    """`kubectl -n ''` works in whatever namespace is the current one."""
    assert str(shell_line(["kubectl", Option("-n"), "", "delete", "pod", "web-1"])).startswith("# This command is not")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other kernels cut lines elsewhere")
def test_a_terminal_keeps_what_is_printed_and_cuts_what_is_not() -> None:
    """Without a line editor the kernel keeps the line, and drops the rest of one that is too long, quotes and all."""
    for length, kept in ((LONGEST_LINE + 90, True), (5_000, False)):
        ours, theirs = os.openpty()
        try:
            modes = termios.tcgetattr(theirs)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(theirs, termios.TCSANOW, modes)
            os.write(ours, b"x" * length + b"\n")
            assert (os.read(theirs, 10_000) == b"x" * length + b"\n") is kept
        finally:
            os.close(ours)
            os.close(theirs)
    assert line_to_paste("x" * LONGEST_LINE) == "x" * LONGEST_LINE
    assert str(line_to_paste("é" * LONGEST_LINE)).startswith("# This command is not printed: it has more than the 4000")


def test_zsh_replaces_no_word_by_a_program() -> None:
    """``=ls`` is /usr/bin/ls there (its manual: filename expansion, EQUALS)."""
    assert shell_line(["kubectl", "get", "pod", "=ls", "a=b"]) == "kubectl get pod '=ls' a=b"


@given(TEXTS)
def test_hcl_has_the_text_and_no_template(text: str) -> None:
    written = hcl_text(text)

    if isinstance(written, Message):
        assert "\0" in text or any("\ud800" <= each <= "\udfff" for each in text)
        return
    assert is_harmless(written)
    tree = hcl2.parses_to_tree(f"a = {written}\n")
    assert not list(tree.find_data("interpolation")) + list(tree.find_data("template_interpolation"))
    assert read_hcl(written) == text


def read_hcl(written: str) -> str:
    """What HCL's specification makes of a quoted template that has no sequence in it."""
    inside, read = written[1:-1], ""
    simple = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
    while inside:
        if inside[0] == "\\":
            size = {"u": 4, "U": 8}.get(inside[1], 0)
            read += chr(int(inside[2 : 2 + size], 16)) if size else simple[inside[1]]
            inside = inside[2 + size :]
        elif inside[:3] in ("$${", "%%{"):
            read, inside = read + inside[1:3], inside[3:]
        else:
            assert inside[:2] not in ("${", "%{")
            assert inside[0] != '"'
            read, inside = read + inside[0], inside[1:]
    return read


@given(TEXTS)
def test_a_comment_of_hcl_ends_with_its_line(text: str) -> None:
    assert hcl2.loads(f"{hcl_comment(text)}\na = 1\n")["a"] == 1
    assert "\n" not in hcl_comment(text)
    assert is_harmless(hcl_comment(text))


@given(TEXTS)
def test_markup_is_the_text_and_nothing_more(text: str) -> None:
    read = ElementTree.fromstring(f"<a b=\"{markup(text)}\" c='{markup(text)}'>{markup(text)}</a>")

    assert len(read) == 0
    assert (read.text or "") == read.get("b") == read.get("c") == terminal_text([text])


def test_graphviz_draws_the_text_and_follows_nothing_in_it() -> None:
    """Labels have escapes, entities and HTML of their own."""
    graphviz = pytest.importorskip("drilllib.views.picture.graphviz")
    from graphviz import Digraph

    from drilllib.views.picture.labels import dot_text

    if graphviz.renderer() is None:
        pytest.skip("no renderer here")
    graph = Digraph()
    for number, each in enumerate(HOSTILE):
        graph.node(f"n{number}", f"<{dot_text(terminal_text([f'<{each}>']))}>")
    drawn = ElementTree.fromstring(graphviz._rendered(graphviz.renderer()[1], graph.source))

    texts = ["".join(each.itertext()) for each in drawn.iter() if each.tag.endswith("text")]
    shown = [f"<{terminal_text([each])}>" for each in HOSTILE]
    assert [each.replace("\u00a0", " ").split() for each in texts] == [each.split() for each in shown]
