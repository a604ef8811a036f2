"""What a capture read, and what it did not, as text."""

from collections.abc import Mapping

from drilllib.core.capture.assembly import Assembly
from drilllib.quoting import Option, line_to_paste, shell_line, terminal_text
from drilllib.views.phrases.catalog import said, say


def capture_text(assembly: Assembly, file: str, language: str, counts: Mapping[str, int]) -> str:
    """
    The file, what is in it, and below it what was not read and why.

    *counts* has `rounds`, `calls`, and how many texts were `replaced`.
    """
    objects = ", ".join(f"{each.kind} {each.count}" for each in assembly.understood if each.is_used)
    lines = [say(language, "capture.written", file=file, rounds=counts["rounds"], calls=counts["calls"])]
    lines += [say(language, "capture.read", objects=objects)] if objects else []
    if assembly.withheld:
        lines.append(say(language, "capture.withheld", values=sum(assembly.withheld.values())))
    if counts["replaced"]:
        lines.append(say(language, "capture.replaced", texts=counts["replaced"]))
    if assembly.gaps:
        lines.append(say(language, "capture.gaps", count=len(assembly.gaps)))
        lines += [f"  {each.what}: {said(each.why, language)}" for each in assembly.gaps]
    for each in assembly.conflicts:
        lines.append(say(language, "capture.conflict", what=each.what, fields=", ".join(each.fields)))
    return terminal_text(lines)


def renamed_lines(file: str, service: str, clients: Mapping[str, str], listed: str, language: str) -> list[str]:
    """
    How an anonymous snapshot is asked about its sender's clients: the new address of each, and the command.

    *service* has its new name already; *listed* is the file that says what stands in the place of what, if one does.
    """
    told = [say(language, "capture.listed", file=listed)] if listed else []
    for old, new in clients.items():
        words = ["drill", "diagnose", file, *([Option("--service"), service] if service else []), Option("--from"), new]
        line = line_to_paste(shell_line(words))
        told.append(say(language, "capture.renamed", client=old, new=new))
        told.append(f"  {'$ ' if isinstance(line, str) else ''}{said(line, language)}")
    told += [] if clients else [say(language, "capture.name_clients")]
    return terminal_text(told).split("\n")
