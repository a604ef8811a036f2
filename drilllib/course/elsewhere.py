"""What of a notebook that ran in a cluster was played in the simulated lab all the same: its outputs say so."""

import json
from pathlib import Path

from drilllib.lesson.labs import CONNECTIONS, NOT_LIVE
from drilllib.views.phrases.catalog import LANGUAGES, translate


def played_elsewhere(path: Path) -> list[str]:
    """Each line of a notebook's outputs that says that a drill was not played in the cluster, and why; none twice."""
    beginnings = tuple(translate(said.template, each) for said in (NOT_LIVE, CONNECTIONS) for each in LANGUAGES)
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [each for cell in cells for each in cell.get("outputs") or () if each.get("name") == "stderr"]
    lines = [line for each in outputs for line in "".join(each.get("text") or ()).splitlines()]
    return list(dict.fromkeys(line for line in lines if line.startswith(beginnings)))
