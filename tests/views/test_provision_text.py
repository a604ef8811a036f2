"""What `drill up`, `drill down` and `drill ls` print, in both languages."""

from collections.abc import Callable

import pytest

from drilllib.core.drills.default_lab import CLIENT_BLOCK
from drilllib.errors import Message
from drilllib.views.phrases.catalog import LANGUAGES
from drilllib.views.text.provision import KINDS, listed_text, made_text, plan_text, removed_text

DRILL = {
    "drill": "1a2b3c4d",
    "cluster": "cls-lab00001",
    "region": "ap-guangzhou",
    "fault": "group-2",
    "until": "2026-01-01 04:00",
    "clients": CLIENT_BLOCK,
    "machine": "SA2.MEDIUM2",
}
NAMES = dict(zip(KINDS, ("drill-1a2b3c4d-clb", "eniipamd", "drill-1a2b3c4d-front", "shop", "web", "web"), strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plan_says_what_is_charged_and_what_the_whole_cluster_gets(
    language: str, golden: Callable[[str, str], None]
) -> None:
    """With the add-on off before, and with a list of its own."""
    off, on = (plan_text(DRILL | {"setting": setting}, NAMES.items(), language) for setting in ("off", "on/sg-a/sg-b"))
    made = made_text(DRILL | {"address": "192.0.2.10", "journal": "/state/1.jsonl"}, language, "A ticket.")

    golden(f"up.{language}.txt", "\n\n".join((off, on.split("\n")[-2], made)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_is_told_with_why(language: str, golden: Callable[[str, str], None]) -> None:
    """And, in the end, that nothing is; a list of what is up, one of it overdue."""
    left = [("group", "drill-1a2b3c4d-pod", Message("a default group is never touched"))]
    some = removed_text("1a2b3c4d", list(NAMES.items())[:2], left, language)
    row = {"drill": "1a2b3c4d", "cluster": "cls-lab00001", "since": "2026-01-01 00:00:00", "until": "2026-01-01 04:00"}
    rows = [{**row, "things": "group 3, pool 2", "journal": "-", "overdue": "yes"}]
    listed = listed_text(rows, "ap-guangzhou", language), listed_text([], "ap-guangzhou", language)

    golden(f"down.{language}.txt", "\n\n".join((some, removed_text("1a2b3c4d", [], [], language), *listed)))
