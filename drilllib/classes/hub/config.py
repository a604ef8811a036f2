"""What JupyterHub is told of a class: its one-line configuration file calls `configure`."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drilllib.classes.hub.folder import HubFolder
from drilllib.classes.place import place_of
from drilllib.machine import python

HOST, BOARD = "127.0.0.1", "board"
IDLE_S, LOOK_S, START_S = 3600, 300, 600


@dataclass(frozen=True, slots=True)
class Told:
    """The class's *file*, the *folder* of its hub, who teaches, the *language*, and four free *ports*."""

    file: str
    folder: str
    teacher: str
    language: str
    ports: tuple[int, int, int, int]

    def to_file(self) -> str:
        """The text of a configuration file."""
        line = f"configure(get_config(), Told{(self.file, self.folder, self.teacher, self.language, self.ports)!r})"
        return f"from drilllib.classes.hub.config import Told, configure\n\n{line}\n"


def address(port: int) -> str:
    """Of a port of this machine."""
    return f"http://{HOST}:{port}"


def configure(c: Any, told: Told) -> None:
    """Set everything that JupyterHub has to know."""
    from drilllib.classes.hub.users import CodeAuthenticator, OwnUserSpawner

    place, folder = place_of(told.file), HubFolder(Path(told.folder))
    public, hub, proxy, board = map(address, told.ports)
    c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url = public, hub, proxy
    c.ConfigurableHTTPProxy.command = python.ours("drilllib.classes.hub.proxy", f"--proxy-timeout={START_S * 1000}")
    c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"

    c.JupyterHub.authenticator_class = CodeAuthenticator
    c.CodeAuthenticator.secret = place.secret
    c.Authenticator.allowed_users = {*place.plan.learners, told.teacher}
    c.Authenticator.delete_invalid_users = True  # who is no longer in the roster

    c.JupyterHub.spawner_class = OwnUserSpawner
    c.OwnUserSpawner.folder = folder
    c.Spawner.cmd = python.theirs("jupyterhub.singleuser")
    c.Spawner.args = ["--KernelManager.transport=ipc"]  # a port of the machine would be everybody's to listen at
    c.Spawner.notebook_dir, c.Spawner.default_url = "~", "/lab"
    c.Spawner.start_timeout = c.Spawner.http_timeout = START_S  # a whole class at once, on two cores
    c.Spawner.environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DRILL_HAND_IN": f"{public}/services/{BOARD}/hand-in",
    }
    _serve_beside(c, told, board)


def _serve_beside(c: Any, told: Told, board: str) -> None:
    """The board, which only who teaches may open, and what ends servers that nobody has used for an hour."""
    cull = python.theirs("jupyterhub_idle_culler", f"--timeout={IDLE_S}", f"--cull-every={LOOK_S}")
    ours = python.ours("drilllib.classes.hub.board", told.file, told.language)
    c.JupyterHub.services = [
        {"name": "cull", "command": cull},
        {"name": BOARD, "url": board, "command": ours, "oauth_no_confirm": True},
    ]
    c.JupyterHub.load_roles = [
        {
            "name": "cull",
            "services": ["cull"],
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        },
        {"name": "teach", "users": [told.teacher], "scopes": [f"access:services!service={BOARD}"]},
    ]
