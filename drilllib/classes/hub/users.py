"""Who may sign in to a class's hub, and as whom their servers run. Loaded by JupyterHub, and by nothing else."""

import hmac
import resource
from collections.abc import Callable
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Any as AnyTrait

from drilllib.classes.hub.folder import HubFolder, become
from drilllib.classes.secret import Secret, plain_code

MOST_PROCESSES = 512  # of a learner, with threads: a server has some ten, a kernel some fifteen


class CodeAuthenticator(Authenticator):
    """Lets somebody of the class in by the code that follows from its secret: nobody signs up, no password is kept."""

    secret: Secret = AnyTrait().tag(config=True)

    async def authenticate(self, handler: Any, data: dict[str, str]) -> str | None:
        """The name, where the code is that name's."""
        name, given = data["username"], plain_code(data["password"]).encode()
        fits = hmac.compare_digest(plain_code(self.secret.code(name)).encode(), given)
        return name if fits and name in self.allowed_users else None

    def normalize_username(self, username: str) -> str:
        """As it stands in the roster: JupyterHub would write it in small letters."""
        return username


class OwnUserSpawner(LocalProcessSpawner):
    """Starts each learner's server by a user id that is that learner's alone, in a home that nobody else may enter."""

    folder: HubFolder = AnyTrait().tag(config=True)

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """What the new process does before it is the server."""
        uid, most = self.folder.uid(name), MOST_PROCESSES

        def begin() -> None:
            resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
            become(uid)

        return begin

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """What tells the server whose it is; kernels' sockets are files, which no other learner can open."""
        name = self.user.name
        told = {"USER": name, "LOGNAME": name, "HOME": str(self.folder.home(name)), "SHELL": "/bin/bash"}
        return {**env, **told, "JUPYTER_RUNTIME_DIR": str(self.folder.runtime(self.folder.uid(name)))}

    async def start(self) -> Any:
        """Start it in its home."""
        self.popen_kwargs = {"cwd": str(self.folder.home(self.user.name))}
        return await super().start()
