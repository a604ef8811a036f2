"""kubectl's --cluster and --user: a context of their own, put before the user's kubeconfig, which stays as it is."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from drilllib.clients.kubernetes_api import context_of_files

NAME = "kubectl-drill"


@contextmanager
def with_context(
    environment: Mapping[str, str], *, kubeconfig: str, context: str, cluster: str, user: str
) -> Iterator[str]:
    """
    A value for KUBECONFIG whose context `NAME` is *context* (the current one where it is empty), but for that cluster
    and that user; the file made for it has names alone, and is gone in the end.

    Raises:
        DrillError: The kubeconfig cannot be used, or has no such context.
    """
    files = kubeconfig or environment.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    own = context_of_files(files, context)["context"]
    own |= {name: value for name, value in (("cluster", cluster), ("user", user)) if value}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NAME,
        "contexts": [{"name": NAME, "context": own}],
    }
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        made = Path(folder) / "config"
        made.write_text(json.dumps(document), encoding="utf-8")
        yield os.pathsep.join((str(made), files))
