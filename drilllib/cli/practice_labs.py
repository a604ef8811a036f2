"""Where `drill practice` is played when it is not simulated: with real packets, on a local cloud, in a cluster."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from drilllib.core.drills.lab import Lab
from drilllib.core.drills.worlds.world import World
from drilllib.core.practice.replay import left
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.errors import InvalidInputError, LabStateError, MissingToolError
from drilllib.labs.netns.lab import NetnsLab
from drilllib.labs.netns.playable import require_playable as require_packets
from drilllib.labs.netns.sandbox import why_not
from drilllib.practice.log import read
from drilllib.practice.own_drills import worlds_of
from drilllib.practice.play import Shell

if TYPE_CHECKING:
    from drilllib.cli.practice_cloud import CloudLab

SIMULATED, CLOUD, LIVE = "simulated", "cloud", "live"


class PacketLab(NetnsLab):
    """Real packets, in a lab that becomes whatever a setting makes of it."""

    def alter(self, snapshot: Snapshot) -> None:
        """Go on from *snapshot*. Raises LabStateError where real packets cannot play it; then it is as it was."""
        self.become(snapshot)


def require_playable(world: World, kind: str) -> None:
    """
    Do nothing where the lab can play the world as it is found; nothing is started for that.

    Raises:
        LabStateError: It has no likeness of it, or its controllers would change it.
    """
    if world.connections:
        raise LabStateError(
            "Drills about a connection to a door are played in the simulated lab only",
            remedy="Leave --lab and --cloud out",
        )
    if kind == CLOUD:
        from drilllib.cli.practice_cloud import require_fitting

        require_fitting(world.snapshot, world.question)
    elif kind == LIVE:
        from drilllib.provision.worlds import require_of_cluster

        require_of_cluster(world)
    else:
        require_packets(world.snapshot)


def opened(path: Path, world: World | None, kind: str) -> tuple[Lab, Shell | None]:
    """
    The lab of that *kind*, begun with the *world* or, where none is given, as the attempt's log left it; and the shell
    into a cloud.

    Raises:
        MissingToolError: The machine cannot have that lab.
        LabStateError: The lab cannot play that world.
    """
    begins = world is not None
    now, world = (world.snapshot, world) if world is not None else _left(path)
    if kind == LIVE:
        from drilllib.cli.practice_cluster import opened as opened_in_cluster

        require_playable(world, kind)
        return opened_in_cluster(path, world, begins=begins), None
    if kind == CLOUD:
        from drilllib.cli.practice_cloud import CloudLab

        lab = CloudLab(now, world.question)
        return lab, partial(_in_cloud, lab)
    reason = why_not()
    if reason is not None:
        raise MissingToolError(reason.removesuffix("."), remedy="Leave --lab out: the simulated lab works everywhere")
    return PacketLab(now, client=world.question.client), None


def _in_cloud(lab: "CloudLab", line: str) -> str:
    """What the line prints there; without one, and at a terminal, a shell until it is left."""
    if line:
        return lab.run(line)
    if not sys.stdin.isatty():
        raise InvalidInputError("There is no command for the shell", remedy="Type shell kubectl get pods -A")
    lab.open_shell()
    return ""


def _left(path: Path) -> tuple[Snapshot, World]:
    attempt = read(path)
    world = worlds_of(path.parent).world(attempt.header)
    return left(world, attempt), world
