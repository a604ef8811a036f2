"""
The lab behind the cloud: it becomes whatever the cloud's state becomes. Real packets meet a change before it is
acknowledged; a simulated lab reads the state when it is asked, so that a change of a large cloud costs no reading.
"""

import socket
from collections.abc import Callable, Mapping
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
    A simulated lab, or one of real packets, that follows a state; *latest* gives the state's snapshot.

    *problem* says what the lab could not follow, None where it has; it stays as it was then.
    """

    def __init__(
        self,
        latest: Callable[[], Snapshot],
        *,
        real: bool,
        slowness: float,
        client: str = CLIENT,
        listening: socket.socket | None = None,
    ) -> None:
        self._client, self._latest, self._is_behind = client, latest, False
        snapshot = latest()
        self.lab: Lab = (
            NetnsLab(snapshot, client=client, slowness=slowness, listening=listening, stays=False)
            if real
            else SimulatedLab(snapshot)
        )
        self.problem: str | None = None

    def follow(self, _: Mapping[str, Any]) -> None:
        """The state has changed: become what it is, if that can be played."""
        self._is_behind = True
        if isinstance(self.lab, NetnsLab):
            self._catch_up()

    def _catch_up(self) -> None:
        if not self._is_behind:
            return
        self._is_behind = False  # before it is read: a change meanwhile counts again
        try:
            snapshot = self._latest()
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
        self._catch_up()
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
