"""`drill class serve`: a JupyterHub for the class on this machine, with the board behind it."""

import argparse
import signal
from pathlib import Path
from typing import Any

from drilllib.cli.output import finish, tell_text
from drilllib.cli.parsers import command, whole_number
from drilllib.machine import guarded
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language

PORT = 8000


def add_command(verbs: Any) -> argparse.ArgumentParser:
    """Declare the verb, what it takes, and what runs it."""
    serve = command(
        verbs,
        "serve",
        _serve,
        "serve the class by a JupyterHub on 127.0.0.1, as root, until Ctrl+C",
        """\
        Everybody signs in by a code, and gets a JupyterLab that runs by a user of their own; docs/jupyterhub.md says
        what that isolates, and what not.
        example:
          drill class serve monday.yaml --folder /srv/monday --port 8000""",
    )
    serve.add_argument("--port", type=whole_number(0, 65535, "port"), default=PORT, metavar="N", help=f"where ({PORT})")
    serve.add_argument("--folder", type=Path, help="for homes, course and the hub (beside the class's file)")
    serve.add_argument("--teacher", default="teacher", metavar="ID", help="who may see the board (teacher)")
    return serve


def _serve(options: argparse.Namespace) -> int:
    from drilllib.classes.hub import ready

    ready.require_root()
    ready.require_hub()
    from drilllib.classes.hub.config import BOARD, address
    from drilllib.classes.hub.folder import ENDING, HubFolder
    from drilllib.classes.hub.run import CODES, filled, running
    from drilllib.classes.place import place_of
    from drilllib.course.copies import copy_read_only

    place, spoken = place_of(options.file), language(options.lang)
    folder = HubFolder((options.folder or Path(options.file).with_suffix(ENDING)).absolute())
    folder.make()
    copy_read_only(folder.course)
    ready.require_open(folder.course)
    ready.compiled()
    refused = filled(place, folder, options.teacher)
    if refused:
        tell_text(say(spoken, "class.serve_refused", learners=", ".join(refused)))
    told = {"port": options.port, "teacher": options.teacher, "language": spoken}
    with guarded.exits_on_signals(), running(options.file, folder, **told) as hub:
        at = {"url": address(hub.port), "codes": place.folder / CODES, "teacher": options.teacher}
        tell_text(say(spoken, "class.served", board=f"{address(hub.port)}/services/{BOARD}/", **at))
        finish()
        try:
            hub.process.wait()
        except KeyboardInterrupt:
            return 0
    return 1 if hub.process.returncode not in (0, -signal.SIGTERM) else 0
