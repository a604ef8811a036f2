"""What the checks of repairs in a notebook that was run say."""

import re
from typing import Any


def verified(notebook: dict[str, Any]) -> list[str]:
    """The first line of what each cell printed that is a call of `verify` and nothing else."""
    said = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and re.fullmatch(r"\w+\.verify\(\)", "".join(cell["source"])):
            (output,) = cell["outputs"]
            said.append("".join(output["data"]["text/plain"]).partition("\n")[0])
    return said
