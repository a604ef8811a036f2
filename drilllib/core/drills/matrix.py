"""The eleven rows of the playbook's matrix, and the lessons that play each; docs/scenarios.md is the same as a page."""

from collections.abc import Mapping

MATRIX: Mapping[int, tuple[str, ...]] = {
    1: ("05-practice",),
    2: ("01-clb", "02-node", "03-pod", "04-investigation", "22-nodeport", "23-private-clb"),
    3: ("29-super-node-clb",),
    4: ("28-global-router-clb",),
    5: ("28-global-router-clb",),
    6: ("20-pod-to-pod", "21-pod-egress"),
    7: ("24-node-to-pod",),
    8: ("26-global-router",),
    9: ("27-global-router-node",),
    10: ("25-super-node",),
    11: ("25-super-node",),
}
