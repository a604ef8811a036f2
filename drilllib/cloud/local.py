"""The whole local cloud in one object: its state, both APIs on 127.0.0.1, the lab that follows, and the wrappers."""

import secrets
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drilllib import documents, files
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.lab import FollowingLab
from drilllib.cloud.proof import Identity
from drilllib.cloud.shell.port_forward import PortForward
from drilllib.cloud.shell.wrappers import REGION, Access, shell_environment, write_tools
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.faults import Faults
from drilllib.cloud.tencent.server import CloudServer
from drilllib.core.drills.default_lab import CLIENT, new_cluster
from drilllib.errors import Message
from drilllib.labs.netns.lab import SLOWNESS, NetnsLab
from drilllib.labs.netns.results import CommandResult
from drilllib.machine import folders, private

CLIENT_HOST = "client"
USER = "drill"


class LocalCloud:
    """
    A cloud that answers until it is closed; use it in a ``with`` block.

    Args:
        document: the snapshot to start from; by default a cluster in which nothing was made yet.
        lab: simulated, or netns for real packets.
        slowness: what a documented second takes with real packets.
        client: the address of the client host.
        file: where the state is kept; a state that is there goes on.
        seed: makes ids the same on every run.
        listening: where shells find the real-packet lab.
        identity: what it proves to be, to who asks; by default nobody in particular.
        on_crash: what a crash on purpose calls; by default only the Tencent Cloud API goes down.

    Raises:
        MissingToolError: A package or program that it needs is not installed.
        LabStateError: The machine forbids namespaces.
        InvalidInputError: The document is no snapshot.
    """

    def __init__(
        self,
        document: Mapping[str, Any] | None = None,
        *,
        lab: str = "simulated",
        slowness: float = SLOWNESS,
        client: str = CLIENT,
        file: Path | None = None,
        seed: int | None = None,
        listening: socket.socket | None = None,
        identity: Identity | None = None,
        on_crash: Callable[[], None] | None = None,
    ) -> None:
        if file is not None and file.exists():
            document = documents.parse_json(
                files.read_text(str(file)), str(file), Message("Name the state of a cloud, or a new file")
            )
        self.state = CloudState(new_cluster() if document is None else document, file=file, seed=seed)
        folders.sweep()
        kept = folders.Folder("cloud")
        self.home, self.work = kept.path, private.folder(kept.path / "work")
        self._closing: list[Any] = [kept.close]
        try:
            options = {"slowness": slowness, "client": client, "listening": listening}
            self._start(lab == "netns", options, {"identity": identity, "on_crash": on_crash})
        except BaseException:
            self.close()
            raise

    def _start(self, real: bool, options: dict[str, Any], served: dict[str, Any]) -> None:
        token, secret_id, secret_key = secrets.token_hex(16), f"AKID{secrets.token_hex(16)}", secrets.token_hex(16)
        self.faults = Faults()
        self.kube = KubeApi(self.state, faults=self.faults)
        self._kube = KubeServer(self.kube, {token: USER})
        self._closing.append(self._kube.close)
        self.kubeconfig, self.kube_url = self._kube.kubeconfig(token), self._kube.url
        self.tencent = self._tencent_api({secret_id: secret_key})
        server = CloudServer(self.tencent.handle, **served).start()
        self._closing.append(server.stop)
        with self.state.reading() as document:
            region = document.get("region") or REGION
        self.access = Access(server.port, secret_id, secret_key, self.kubeconfig, region)
        self.following = FollowingLab(self.state.snapshot, real=real, **options)
        self._closing.append(self.following.close)
        self.state.follow(self.following.follow)
        if real:
            self._forward_ports(server.port, self._kube.port)
        self.tools = write_tools(self.home, self.access, real=real)

    def _tencent_api(self, keys: Mapping[str, str]) -> TencentApi:
        return TencentApi(
            self.state,
            keys,
            faults=self.faults,
            kubeconfig=lambda: self.kubeconfig,
            health=lambda: self.following.health(),
            ask=lambda address, **where: self.following.ask(address, **where),
        )

    def _forward_ports(self, *ports: int) -> None:
        assert isinstance(self.following.lab, NetnsLab)
        for port in ports:
            self._closing.append(PortForward(self.following.lab.listen(CLIENT_HOST, port), port).close)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a shell that finds the wrappers first, and gives the user's own clients no endpoint."""
        return shell_environment(self.home)

    def run(self, command: str, *, host: str = CLIENT_HOST, timeout_s: float = 120) -> CommandResult:
        """A command line in `work`, with the wrappers on PATH: in a host of a real-packet lab, else on this machine."""
        lab = self.following.lab
        if isinstance(lab, NetnsLab):
            prepared = f'cd {self.work}; PATH={self.tools}:"$PATH"; export PATH DRILL_HOST={host}; '
            return lab.run(host, prepared + command, timeout_s=timeout_s)
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            check=False,
        )
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def close(self) -> None:
        """Stop everything; safe to call twice."""
        while self._closing:
            self._closing.pop()()

    def __enter__(self) -> "LocalCloud":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
