"""
What is committed of an executed notebook: nothing that differs from one run or machine to the next.

Timings, papermill's notes, widget state and model ids, and the exact Python version go; sources, outputs and tags stay.
"""

from typing import Any

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
        for output in cell["outputs"]:
            _normalise_output(output, cell["execution_count"])
    return notebook


def _normalise_output(output: Any, count: int | None) -> None:
    if "execution_count" in output:
        output["execution_count"] = count
    output.get("data", {}).pop(LIVE_VIEW, None)
    if "metadata" in output:
        output["metadata"] = {}
    output.pop("transient", None)
