"""When a capture ends with one line instead of a snapshot: nobody answers, or there is no such Service."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from drilllib.clients.access import Access
from drilllib.clients.failures import UNREACHABLE
from drilllib.clients.sdk import NO_REGION, SIGNATURE_EXPIRE
from drilllib.core.capture.asks import Answer, Ask, CloudCall, KubernetesRead, Refusal, RefusalKind
from drilllib.core.capture.calls import SERVICES
from drilllib.core.capture.known import Known, full_name
from drilllib.errors import DrillError, Message, UnknownNameError, quoted

TIME_UP = Message("the time was up")
UNSUPPORTED_REGION = "UnsupportedRegion"


class NoAnswerError(DrillError):
    """The cloud or the cluster as a whole gives no answers."""


class NoServiceError(Exception):
    """The Service is not there; *asks* would tell which are."""

    def __init__(self, ask: KubernetesRead) -> None:
        super().__init__(ask.name)
        self.ask, self.asks = ask, (replace(ask, name=""), replace(ask, name="", namespace=""))

    def told(self, answers: Sequence[Answer]) -> UnknownNameError:
        """As it is said, with the namespaces that have one of that name, else the Services that are there."""
        every = [full_name(each) for each in Known(answers).objects("Service")]
        places = sorted(place for place, name in every if name == self.ask.name)
        names = [name for place, name in every if place == self.ask.namespace]
        return UnknownNameError(
            "There is no Service {name} in the namespace {namespace}",
            remedy="There is one in the namespace: {places}" if places else "There are: {known}",
            places=", ".join(places),
            name=quoted(self.ask.name),
            namespace=quoted(self.ask.namespace),
            known=", ".join(sorted(names)) or "none",
        )


def require_service(answers: Iterable[Answer]) -> None:
    """
    Raises:
        NoServiceError: The Service that was asked for by name is not there.
    """
    for each in answers:
        ask, refusal = each.ask, each.refusal
        is_service = isinstance(ask, KubernetesRead) and ask.resource == SERVICES.resource and ask.name
        if is_service and refusal is not None and refusal.kind is RefusalKind.ABSENT:
            assert isinstance(ask, KubernetesRead)
            raise NoServiceError(ask)


def require_load_balancer(answers: Iterable[Answer], name: str) -> None:
    """
    Raises:
        UnknownNameError: The load balancer that was asked for by its id was looked for, and is not there.
    """
    every = [each for each in answers if isinstance(each.ask, CloudCall) and each.ask.action == "DescribeLoadBalancers"]
    read = [each for each in every if each.whole]
    if name and read and len(read) == len(every) and not Known(read).rows("DescribeLoadBalancers"):
        raise UnknownNameError(
            "There is no load balancer {name} that can be read here",
            remedy="Look at the id, the account and the --region",
            name=quoted(name),
        )


def require_cluster(answers: Iterable[Answer], name: str) -> None:
    """
    Raises:
        UnknownNameError: The cluster that was named by its id was asked for, and is not there.
    """
    every = [each for each in answers if isinstance(each.ask, CloudCall) and each.ask.action == "DescribeClusters"]
    absent = [each for each in every if each.whole or (each.refusal and each.refusal.kind is RefusalKind.ABSENT)]
    if name and every and len(absent) == len(every) and name not in Known(every).ids("DescribeClusters"):
        raise UnknownNameError(
            "There is no cluster {name} that can be read here",
            remedy="Look at the id, the account and the --region",
            name=quoted(name),
        )


def require_answers(answers: Sequence[Answer], access: Access) -> None:
    """
    Raises:
        NoAnswerError: All that was asked of the cloud, or of the cluster, came to the same end; of what had no answer
            in time that is so where nothing else was read.
    """
    of_cluster = _all_refused(answers, KubernetesRead)
    of_cloud = _all_refused(answers, CloudCall)
    nothing_in_time = all(each.refusal and each.refusal.kind is RefusalKind.LATE for each in answers)
    if of_cluster and (of_cluster.code == UNREACHABLE or nothing_in_time):
        raise NoAnswerError(
            "The API server {server} of the context {context} does not answer: {reason}",
            remedy="Try kubectl get nodes, or give saved answers to drill assemble",
            server=access.server or "of kubectl",
            context=quoted(access.context),
            reason=TIME_UP if nothing_in_time else of_cluster.message,
        )
    if of_cluster and of_cluster.code == "Unauthorized":
        raise NoAnswerError(
            "The cluster of the context {context} does not accept its login",
            remedy="Renew it, and try kubectl get nodes",
            context=quoted(access.context),
        )
    if of_cloud:
        _require_cloud(of_cloud, access, nothing_in_time=nothing_in_time)


def _require_cloud(refusal: Refusal, access: Access, *, nothing_in_time: bool) -> None:
    if refusal.code == NO_REGION:
        raise NoAnswerError(
            "The region of the cluster is not known", remedy="Say it with --region, such as --region ap-guangzhou"
        )
    if refusal.code == UNSUPPORTED_REGION:
        raise NoAnswerError(
            "Tencent Cloud does not know the region {region}",
            remedy="Say the cluster's with --region, such as --region ap-guangzhou",
            region=quoted(access.region),
        )
    if refusal.code == UNREACHABLE or nothing_in_time:
        raise NoAnswerError(
            "The API of Tencent Cloud does not answer: {reason}",
            remedy="Look at the network and at HTTPS_PROXY, or give saved answers to drill assemble",
            reason=TIME_UP if nothing_in_time else refusal.message,
        )
    told = login_refused(refusal, access.source)
    if told is not None:
        raise NoAnswerError(told[0], remedy=told[1])


def login_refused(refusal: Refusal | None, source: str = "") -> tuple[Message, Message] | None:
    """
    What to say, and what to do, where it is the keys, the clock or the login to the cluster that are not accepted.

    No right that could be granted helps then. *source* says whose keys they are. None where it is something else.
    """
    if refusal is None:
        return None
    if refusal.code == SIGNATURE_EXPIRE:
        why = Message("Tencent Cloud takes the time of this machine for wrong: {reason}", reason=refusal.message)
        return why, Message("Set its clock: five minutes are too many")
    if refusal.code.startswith("AuthFailure.") and "Unauthorized" not in refusal.code:
        why = Message("Tencent Cloud does not accept the keys: {code}", code=refusal.code)
        if source:
            named = {"source": source, "code": refusal.code}
            why = Message("Tencent Cloud does not accept the keys from {source}: {code}", **named)
        return why, Message("Look whether they are disabled, deleted or expired")
    if refusal.code == "Unauthorized":
        return Message("The cluster does not accept its login"), Message("Renew it, and try kubectl get nodes")
    return None


def _all_refused(answers: Sequence[Answer], kind: type[Ask]) -> Refusal | None:
    """The refusal of the first ask of a *kind*, where all of them have one with its code."""
    every = [each.refusal for each in answers if isinstance(each.ask, kind)]
    first = every[0] if every else None
    return first if first and all(each is not None and each.code == first.code for each in every) else None
