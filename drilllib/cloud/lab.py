"""The lab behind the cloud: it becomes whatever the cloud's state becomes, before a change is acknowledged."""

import socket
from collections.abc import Mapping
from typing import Any

from drilllib.cloud.tencent.call import Checked
from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.drills.lab import Lab, Observation
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import DrillError, LabStateError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.simulated import SimulatedLab


class FollowingLab:
    """
    A simulated lab, or one of real packets, that follows a state.

    *problem* says what the lab could not follow, None where it has; it stays as it was then.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        real: bool,
        slowness: float,
        client: str = CLIENT,
        listening: socket.socket | None = None,
    ) -> None:
        self._client = client
        self.lab: Lab = (
            NetnsLab(snapshot, client=client, slowness=slowness, listening=listening, stays=False)
            if real
            else SimulatedLab(snapshot)
        )
        self.problem: str | None = None

    def follow(self, document: Mapping[str, Any]) -> None:
        """Become *document*, if that can be played."""
        try:
            snapshot = Snapshot(document)
            if isinstance(self.lab, NetnsLab):
                self.lab.become(snapshot)
            else:
                self.lab = SimulatedLab(snapshot)
            self.problem = None
        except DrillError as error:
            self.problem = str(error)

    def ask(self, vip: str, *, port: int = 80, host: str | None = None, path: str = "/") -> Observation:
        """
        What ``curl -I`` to an address meets.

        Raises:
            LabStateError: The lab cannot tell, or has not followed the state.
        """
        if self.problem:
            raise LabStateError(
                "The lab has not followed the cloud: {detail}",
                remedy="Undo the last change",
                detail=self.problem,
            )
        return self.lab.probe(Question(client=self._client, vip=vip, port=port, host=host, path=path))

    def health(self) -> Mapping[Checked, str]:
        """The measured health of targets, as `NetnsLab.check` gives it; nothing where packets are simulated."""
        return self.lab.check() if isinstance(self.lab, NetnsLab) and not self.problem else {}

    def close(self) -> None:
        """End the lab; it also ends with this process."""
        self.lab.close()
