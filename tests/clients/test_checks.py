"""When a capture ends with one line, when it goes on with gaps, and where it learns the region."""

from typing import Any

import pytest

from drilllib.clients.access import Access
from drilllib.clients.checks import (
    NoAnswerError,
    NoServiceError,
    require_answers,
    require_load_balancer,
    require_service,
)
from drilllib.core.capture.asks import Answer, CloudCall, KubernetesRead, Refusal, RefusalKind
from drilllib.errors import UnknownNameError

CALL = CloudCall.of("clb", "2018-03-17", "DescribeLoadBalancers", LoadBalancerIds=["lb-1"])
OTHER = CloudCall.of("cvm", "2017-03-12", "DescribeInstances")
NODES = KubernetesRead("", "v1", "nodes", "Node")
WEB = KubernetesRead("", "v1", "services", "Service", "shop", "web")


class Reads:
    """A reader that was never asked."""

    region, calls = "ap-beijing", 0


def access() -> Access:
    return Access(
        lambda _: Answer(None), lambda _: Answer(None), (Reads(), Reads()), "shop", "a file", "prod", "https://x"
    )


def refused(ask: Any, code: str, kind: RefusalKind = RefusalKind.FAILED, message: str = "") -> Answer:
    return Answer(ask, refusal=Refusal(kind, code, message=message))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refused(NODES, "Unreachable", message="refused"), "https://x of the context 'prod' does not answer: refused"),
        (refused(NODES, "Unauthorized"), "does not accept its login"),
        (refused(CALL, "Unreachable", message="refused"), "The API of Tencent Cloud does not answer: refused"),
        (refused(NODES, "Late", RefusalKind.LATE), "https://x of the context 'prod' does not answer: the time was up"),
        (refused(CALL, "Late", RefusalKind.LATE), "The API of Tencent Cloud does not answer: the time was up"),
        (refused(CALL, "NoRegion"), "region of the cluster is not known"),
        (refused(CALL, "UnsupportedRegion"), "does not know the region 'ap-beijing'"),
        (
            refused(CALL, "AuthFailure.SignatureExpire", message="400 s ahead"),
            "time of this machine for wrong: 400 s ahead",
        ),
        (refused(CALL, "AuthFailure.SecretIdNotFound"), "keys from a file: AuthFailure.SecretIdNotFound"),
    ],
)
def test_what_makes_every_read_useless_is_one_line(answer: Answer, said: str) -> None:
    with pytest.raises(NoAnswerError, match=r".*") as caught:
        require_answers([answer], access())

    assert said in str(caught.value)


@pytest.mark.parametrize(
    "answers",
    [
        [refused(CALL, "Unreachable"), Answer(OTHER, ({},), whole=True)],
        [refused(NODES, "Late", RefusalKind.LATE), Answer(OTHER, ({},), whole=True)],
        [refused(CALL, "Late", RefusalKind.LATE), refused(NODES, "Forbidden", RefusalKind.FORBIDDEN)],
        [refused(CALL, "UnauthorizedOperation", RefusalKind.FORBIDDEN)],
        [refused(CALL, "AuthFailure.UnauthorizedOperation", RefusalKind.FORBIDDEN)],
        [refused(NODES, "Forbidden", RefusalKind.FORBIDDEN)],
        [],
    ],
)
def test_as_long_as_anything_may_be_read_it_goes_on(answers: list[Answer]) -> None:
    """What was refused is a gap then."""
    require_answers(answers, access())


def test_only_the_service_by_its_name_ends_it() -> None:
    require_service([refused(NODES, "NotFound", RefusalKind.ABSENT), refused(WEB, "Forbidden", RefusalKind.FORBIDDEN)])
    with pytest.raises(NoServiceError):
        require_service([refused(WEB, "NotFound", RefusalKind.ABSENT)])


def test_a_load_balancer_that_is_not_there_is_told_and_one_that_was_not_read_is_not() -> None:
    none = Answer(CALL, ({"LoadBalancerSet": [], "TotalCount": 0},), whole=True)

    require_load_balancer([refused(CALL, "UnauthorizedOperation", RefusalKind.FORBIDDEN)], "lb-1")
    require_load_balancer([none], "")
    with pytest.raises(UnknownNameError, match="no load balancer 'lb-1'"):
        require_load_balancer([none], "lb-1")


def test_the_nodes_know_the_region_better_than_settings() -> None:
    """TENCENTCLOUD_REGION may be of another cluster."""
    node = {"kind": "Node", "metadata": {"name": "a", "labels": {"topology.kubernetes.io/region": "gz"}}}
    found = access()
    found.learn_region([Answer(NODES, ({"items": []},), whole=True)])
    assert found.region == "ap-beijing"

    found.learn_region([Answer(NODES, ({"items": [node]},), whole=True)])
    assert found.region == "ap-guangzhou"
