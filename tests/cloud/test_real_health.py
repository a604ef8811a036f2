"""Health that was measured: with real packets DescribeTargetHealth tells what the health checks met."""

import pytest

pytest.importorskip("trustme", reason="trustme is not installed")

from drilllib.cloud.local import LocalCloud
from drilllib.cloud.shell.tccli import call
from drilllib.core.drills.default_lab import BALANCER
from drilllib.core.drills.faults import open_fault
from drilllib.labs.netns.sandbox import why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"no real packets here: {why_not()}")


def health(cloud: LocalCloud) -> tuple[bool, str]:
    answer = call(cloud.home, "clb", "2018-03-17", "DescribeTargetHealth", {"LoadBalancerIds": [BALANCER]})
    (target,) = answer["LoadBalancers"][0]["Listeners"][0]["Rules"][0]["Targets"]
    return target["HealthStatus"], target["HealthStatusDetail"]


def test_a_pod_that_refuses_is_dead_though_every_group_lets_the_checks_in() -> None:
    """The model knows no pod that refuses, so only the measured health can be Dead."""
    with LocalCloud(open_fault("healthy").to_dict(), lab="netns", slowness=0.05) as cloud:
        assert health(cloud) == (True, "Alive")

        cloud.following.lab.set_pod("web-1", "refuses")

        assert health(cloud) == (False, "Dead")
