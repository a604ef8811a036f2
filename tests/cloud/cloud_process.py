"""A cloud in a process of its own, with its state in a file: ``python -m tests.cloud.cloud_process FILE``."""

import sys
import threading
from pathlib import Path

from drilllib import files
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import default_lab
from tests.cloud.helpers import KEYS


def main() -> None:
    """Go on from the file where it is there, say the port, and serve until killed."""
    file = Path(sys.argv[1])
    document = files.read_json(str(file)) if file.exists() else default_lab()
    with CloudServer(TencentApi(CloudState(document, file=file), KEYS).handle) as server:
        print(server.port, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
