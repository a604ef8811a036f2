"""
What is committed of an executed notebook: nothing that differs from one run or machine to the next.

What is printed comes in one piece. Timings, papermill's notes, widget state and model ids, and the exact Python version
go; sources, outputs and tags stay. Of real packets, dates, ephemeral ports, times and
ages go; of changes, the names of journals and moments.
"""

import re
from typing import Any

from drilllib.core.trace.curl import ORIGINAL_DATE

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


def normalise(notebook: Any) -> Any:
    """*notebook* itself, changed in place. Doing it twice changes nothing more."""
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    count = 0
    for cell in notebook["cells"]:
        tags = cell["metadata"].get("tags")
        cell["metadata"] = {"tags": tags} if tags else {}
        if cell["cell_type"] != "code":
            continue
        ran = cell["execution_count"] is not None
        count += ran
        cell["execution_count"] = count if ran else None
        cell["outputs"] = _joined(cell["outputs"])
        for output in cell["outputs"]:
            _normalise_output(output, cell["execution_count"])
        cell["outputs"] = [each for each in cell["outputs"] if each.get("data") != {}]
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """What a cell prints reaches us in one piece or in several, as it happens; here it is one."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] = "".join(last["text"]) + "".join(output["text"])
        else:
            joined.append(output)
    return joined


def _normalise_output(output: Any, count: int | None) -> None:
    if "execution_count" in output:
        output["execution_count"] = count
    output.get("data", {}).pop(LIVE_VIEW, None)
    if "metadata" in output:
        output["metadata"] = {}
    data = output.get("data", {})
    for holder, name in ((output, "text"), (data, "text/plain")):
        if name in holder:
            holder[name] = _calmed(holder[name])
    output.pop("transient", None)


# The lab's ephemeral ports are 20000 to 29999.
_PASSING = (
    (re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b"), "20260101-000000-000000"),  # a journal of changes
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-01-01T00:00:00Z"),
    (re.compile(r"Date: \w{3}, [^\n]* GMT"), f"Date: {ORIGINAL_DATE}"),
    (re.compile(r"after \d+ ms"), "after N ms"),
    (re.compile(r"(\d+\.\d+\.\d+\.\d+)\.2\d{4}\b"), r"\1.*"),
    (re.compile(r"\b([sd]port)=2\d{4}\b"), r"\1=*"),
    (re.compile(r'("RequestId": )"[0-9a-f-]{36}"'), r'\1"00000000-0000-0000-0000-000000000000"'),
    (re.compile(r"(?<= )\d{1,2}s(?=\n|$)"), "Ns"),  # an age, last in its line
    (re.compile(r"(?<= )(\d{1,2}s)( +)(?=\S)"), lambda found: f"{'Ns':<{len(found[0])}}"),
    (re.compile(r"^(tcp|udp)( +\d+) \d+ ", re.MULTILINE), r"\1\2 N "),
)


def calm(text: str) -> str:
    """A text of real packets without what is different every time."""
    for pattern, instead in _PASSING:
        text = pattern.sub(instead, text)
    return text


def _calmed(written: str | list[str]) -> str | list[str]:
    """The same for a text as notebooks write it: whole, or as a list of lines."""
    text = calm("".join(written))
    return text if isinstance(written, str) else text.splitlines(keepends=True)
