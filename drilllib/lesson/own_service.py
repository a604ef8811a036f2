"""What lessons 10 and 11 call: the learner's own Service, read and diagnosed; else a faulty cluster on this machine."""

from collections.abc import Mapping
from functools import cached_property
from ipaddress import ip_network
from os import environ
from typing import Any

from drilllib.clients.capture import Captured, capture
from drilllib.clients.settings import Settings
from drilllib.core.capture.permissions import all_asks, policy
from drilllib.core.diagnosis.answer import Diagnosis
from drilllib.core.diagnosis.diagnose import diagnose_ports
from drilllib.core.drills.default_lab import CLIENT
from drilllib.core.drills.faults import open_fault
from drilllib.core.rules.addresses import parse_client
from drilllib.core.rules.policies import rule_from_text
from drilllib.core.rules.rules import Direction
from drilllib.core.snapshot.anonymous.anonymous import Anonymised, anonymous
from drilllib.core.snapshot.edits import rules_of
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.errors import InvalidInputError
from drilllib.lesson.labs import require_machine
from drilllib.lesson.repairs import is_blank
from drilllib.quoting import json_text, terminal_text
from drilllib.views.html.rules import shown_rules
from drilllib.views.phrases.catalog import said, say
from drilllib.views.phrases.language import language
from drilllib.views.shown import Shown, shown_path
from drilllib.views.text.diagnose import diagnosis_text, screen_lines

FAULT, SERVICE = "original-drill", "shop/web"
INGRESS = Direction.INGRESS


class OwnService:
    """
    A Service on TKE, read from its cloud and cluster as `drill capture` reads it, and diagnosed. Nothing is changed.

    Args:
        service: NAMESPACE/NAME, a name, or a URL. Without one, a cloud on this machine with a faulty cluster is read in
            its place, over the same APIs and with the same clients.
        client: the address that asks, unless `diagnose` is given others.
        fault: what is wrong in the cluster on this machine; `drill example --list` has the names.
        settings: What `drilllib.capture` takes: namespace, context, region, cluster, profile, via ...

    Raises:
        UnknownNameError: There is no such fault.
        InvalidInputError: The client is no IPv4 address that the practice cluster can be made for.
        MissingToolError: A package that the practice cluster needs is not installed, or this is a browser tab.
    """

    def __init__(self, service: str = "", *, client: str = CLIENT, fault: str = FAULT, **settings: Any) -> None:
        require_machine()
        self.language, self.client, self._settings = language(), client, Settings(**settings)
        self.is_practice, self._name = not service, service or SERVICE
        self._captured: Captured | None = None
        if self.is_practice:
            from drilllib.cloud.local import LocalCloud  # needs packages that others do without

            self.cloud = LocalCloud(open_fault(fault, client=client).to_dict(), client=client, seed=10)

    @property
    def client_block(self) -> str:
        """The /24 around the client, an IPv4 address: whom the practice cluster's rules are written for."""
        return str(ip_network(f"{self.client}/24", strict=False))

    def rights(self) -> Shown:
        """The CAM policy and the roles of Kubernetes that reading takes, and no more; nothing is read for this."""
        namespace, _, name = self._name.rpartition("/")
        rights = policy(all_asks(namespace or self._settings.namespace or "default", name))
        return Shown(f"{rights.cam_text}\n\n{rights.rbac_text}".rstrip())

    def read(self) -> Shown:
        """
        Read it now, and say what was read, what was left out, and what may not be read.

        Raises:
            DrillError: Nothing can be read: no keys, no such context or Service, an API that does not answer.
        """
        self._captured = capture(self._name, self._settings, self._environment)
        made = self._captured.assembly
        objects = ", ".join(f"{each.kind} {each.count}" for each in made.understood)
        lines = [say(self.language, "own_practice", service=SERVICE)] if self.is_practice else []
        lines += [say(self.language, "capture.read", objects=objects)]
        lines += [say(self.language, "capture.withheld", values=sum(made.withheld.values()))] if made.withheld else []
        if made.gaps:
            lines.append(say(self.language, "capture.gaps", count=len(made.gaps)))
            lines += [f"  {each.what}: {said(each.why, self.language)}" for each in made.gaps]
        return Shown(terminal_text(lines))

    def diagnose(self, *clients: str) -> Shown:
        """What the clients meet, where it stops, the change to make, and what is not known: of the worst port."""
        return Shown(terminal_text(screen_lines(self.snapshot(), self._diagnosis(clients), self.language)))

    def details(self, *clients: str) -> Shown:
        """The same with all that it rests on: every hop, every blocker, the repair with what else it opens."""
        return Shown(diagnosis_text(self.snapshot(), self._diagnosis(clients), self.language))

    def picture(self) -> Shown:
        """The way of the packets, of the worst port."""
        return shown_path(self._diagnosis(()).worst.answer, self.language)

    def snapshot(self) -> Snapshot:
        """What was read; it is read first where it was not."""
        if self._captured is None:
            self.read()
        assert self._captured is not None
        return self._captured.snapshot

    def to_give_away(self) -> Shown:
        """The snapshot as JSON with other names, ids and public addresses: the same answers, and fit for a ticket."""
        return Shown(json_text(self._anonymous().snapshot.to_dict()))

    def client_there(self) -> Shown:
        """The client's address in what `to_give_away` gives: whoever gets it has to ask about this one."""
        return Shown(self._anonymous().replaced.get(self._client, self._client))

    @property
    def _client(self) -> str:
        return str(parse_client(self.client))

    def _anonymous(self) -> Anonymised:
        return anonymous(self.snapshot(), [self._client])

    def sh(self, command: str) -> Shown:
        """
        A command line on the practice cluster, whose kubectl and tccli know it; one with dots left in it runs nothing.

        Raises:
            InvalidInputError: It is your own cluster, which is not changed from here.
        """
        if not self.is_practice:
            raise _not_from_here()
        if is_blank(command):
            return Shown(say(self.language, "own_blank"))
        done = self.cloud.run(f"export DRILL_LANG={self.language}; {command}")
        return Shown(terminal_text(repr(done).splitlines()))

    def rules(self, group_id: str) -> Shown:
        """A group's ingress list from the top, read now."""
        self._captured = None
        return shown_rules(group_id, INGRESS, rules_of(self.snapshot(), group_id, INGRESS), self.language)

    def colleague(self, group_id: str, line: str) -> Shown:
        """
        Somebody else puts a rule on top of a group's ingress list in the practice cluster, and the list is shown.

        Raises:
            InvalidInputError: It is your own cluster, which is not changed from here, or the cloud refuses the rule.
        """
        if not self.is_practice:
            raise _not_from_here()
        from drilllib.cloud.shell.tccli import call

        rules = {"Ingress": [{**rule_from_text(line).policy, "PolicyIndex": 0}]}
        request = {"SecurityGroupId": group_id, "SecurityGroupPolicySet": rules}
        answer = call(self.cloud.home, "vpc", "2017-03-12", "CreateSecurityGroupPolicies", request)
        if "Error" in answer:
            raise InvalidInputError(
                "The cloud refuses the rule: {code}", remedy="Write another one", code=answer["Error"]["Code"]
            )
        return self.rules(group_id)

    def _diagnosis(self, clients: tuple[str, ...]) -> Diagnosis:
        snapshot = self.snapshot()
        assert self._captured is not None
        question = Question(client="", service=self._captured.wanted.service)
        return diagnose_ports(snapshot, question, list(clients or (self.client,)))[0]

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        """The learner's own, or one in which the clients find the cloud on this machine."""
        if not self.is_practice:
            return environ
        access = self.cloud.access
        return {
            "TENCENTCLOUD_SECRET_ID": access.secret_id,
            "TENCENTCLOUD_SECRET_KEY": access.secret_key,
            "TENCENTCLOUD_REGION": self.cloud.state.snapshot().region or "",
            "TENCENTCLOUD_ENDPOINT": f"http://127.0.0.1:{access.api_port}",
            "KUBECONFIG": str(self.cloud.home / "kubeconfig"),
        }


def _not_from_here() -> InvalidInputError:
    return InvalidInputError(
        "Your own cluster is not changed from here", remedy="Run the command in a terminal of yours"
    )
