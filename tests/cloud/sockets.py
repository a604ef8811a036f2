"""
Captures over sockets: the vendor's SDK and the Kubernetes client on this side, one pair of servers on the other for as
long as a module of tests lasts. The world behind them is another one whenever a test says so.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drilllib.clients.capture import Captured, Told, capture
from drilllib.clients.settings import Settings
from drilllib.cloud.kube.api import KubeApi
from drilllib.cloud.kube.server import KubeServer
from drilllib.cloud.state import CloudState
from drilllib.cloud.tencent.api import TencentApi
from drilllib.cloud.tencent.faults import Faults
from drilllib.cloud.tencent.server import CloudServer
from tests.cloud.capturing import plant
from tests.cloud.helpers import KEYS, REGION, SECRET_ID, SECRET_KEY

TOKEN = "0123456789abcdef" * 2


class Sockets:
    """Both APIs on 127.0.0.1 over a document that `show` changes; *home* holds the kubeconfig of who reads."""

    def __init__(self, home: Path, document: Mapping[str, Any]) -> None:
        self.faults, self.home = Faults(), home
        self.show(document)
        self._kube_server = KubeServer(self.kube, {TOKEN: "tester"})
        self._cloud_server = CloudServer(lambda request: self.tencent.handle(request)).start()
        (home / "kubeconfig").write_text(self._kube_server.kubeconfig(TOKEN), encoding="utf-8")

    def show(self, document: Mapping[str, Any]) -> None:
        """From now on that is the world behind the sockets, as it was planted, and nothing goes wrong in it."""
        self.state = CloudState(document, seed=1)
        self.faults.clear()
        self.kube = KubeApi(self.state, faults=self.faults)
        plant(self.state, document)
        self.tencent = TencentApi(self.state, KEYS, faults=self.faults)
        self.region = str(document.get("region") or REGION)
        if hasattr(self, "_kube_server"):
            self._kube_server.api = self.kube

    @property
    def environment(self) -> dict[str, str]:
        """What `drill shell` would set."""
        return {
            "KUBECONFIG": str(self.home / "kubeconfig"),
            "TENCENTCLOUD_ENDPOINT": f"http://{self._cloud_server.address}",
            "TENCENTCLOUD_REGION": self.region,
            "TENCENTCLOUD_SECRET_ID": SECRET_ID,
            "TENCENTCLOUD_SECRET_KEY": SECRET_KEY,
            "DRILL_METADATA_URL": "",
        }

    def capture(self, service: str, *, told: Told = lambda number, done, of: None, **settings: Any) -> Captured:
        """A whole capture, from finding the keys to the document. Raises DrillError as the command does."""
        return capture(service, Settings(**settings), self.environment, home=self.home, told=told)

    def close(self) -> None:
        """Stop both servers."""
        self._cloud_server.stop()
        self._kube_server.close()


@contextmanager
def serving(home: Path, document: Mapping[str, Any]) -> Iterator[Sockets]:
    """Sockets for as long as the block lasts."""
    made = Sockets(home, document)
    try:
        yield made
    finally:
        made.close()
