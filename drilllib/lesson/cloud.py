"""What lesson 08 calls: a cloud of one's own on this machine, asked with the clients one uses at work."""

import json
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_network
from typing import Any

from drilllib.cloud.local import LocalCloud
from drilllib.core.check.repairs import check_repair
from drilllib.core.drills.default_lab import CLIENT, NODE_SUBNET, new_cluster
from drilllib.core.drills.faults import open_fault
from drilllib.core.drills.intents import intent_of
from drilllib.core.snapshot.semantics import Semantics, profile
from drilllib.core.snapshot.snapshot import Snapshot
from drilllib.core.trace.answer import Question
from drilllib.core.trace.request import trace
from drilllib.deploy import manifests
from drilllib.errors import InvalidInputError, MissingToolError, either, quoted
from drilllib.lesson import record
from drilllib.lesson.ahead import import_ahead
from drilllib.lesson.labs import NETNS, SIMULATED, instead, no_real_packets, require_machine, slowness
from drilllib.lesson.repairs import is_blank, solving
from drilllib.lesson.tasks import GROUPS, State, task_of, way_of
from drilllib.views.phrases.catalog import say
from drilllib.views.phrases.language import language
from drilllib.views.repair_page import ShownRepair
from drilllib.views.shown import Shown, shown_path

REGION, CLUSTER = "ap-guangzhou", "cls-lab00001"
CLIENTS = {"vpc": "v20170312", "cvm": "v20170312", "clb": "v20180317", "tke": "v20220501", "tag": "v20180813"}
SLOW = ("tencentcloud.vpc.v20170312.models", "kubernetes.config", "kubernetes.client.api.core_v1_api")  # to import
PACKAGES = ("kubernetes", "tencentcloud", "trustme")
MADE = {"load_balancers": "LoadBalancerId", "instances": "InstanceId", "network_interfaces": "NetworkInterfaceId"}
SEED = 8  # ids are the same for every learner


class CloudLesson:
    """
    A cloud with a cluster in which nothing was made yet, and real packets where the machine can.

    Args:
        listener: HTTP (layer 7) or TCP (layer 4), which the Service is to have.
        semantics: documented, or original for the original drill's text taken at its word, which no packets can play.
        client: the address that asks.
        lab: netns, or simulated.

    Raises:
        InvalidInputError: The listener, the semantics, the client or the lab cannot be used.
        MissingToolError: A package that the cloud needs is not installed.
    """

    def __init__(
        self, *, listener: str = "HTTP", semantics: str = "documented", client: str = CLIENT, lab: str = NETNS
    ) -> None:
        if lab not in (SIMULATED, NETNS):
            labs = either((SIMULATED, NETNS))
            raise InvalidInputError("The lab is {lab}", remedy="Use {choices}", lab=quoted(lab), choices=labs)
        open_fault("healthy", listener=listener, semantics=semantics, client=client)  # refuses what no lesson can use
        require_machine()
        _require_packages()
        imported = import_ahead(*SLOW)
        chosen = profile(semantics)
        problem = _no_packets(chosen) if lab == NETNS else None
        if problem:
            print(instead(problem), file=sys.stderr)
        self.language, self._client, self._semantics = language(), client, semantics
        self._worked = False  # has the drill been seen to work as meant?
        seen = NODE_SUBNET if profile(semantics).cluster_policy_hides_client else self.client_block
        self._names = {"LISTENER": listener.lower(), "CLIENTS": self.client_block, "SEEN": seen}
        kind = SIMULATED if problem else lab
        self.cloud = LocalCloud(new_cluster(chosen), lab=kind, slowness=slowness(), client=client, seed=SEED)
        imported()

    @property
    def client_block(self) -> str:
        """The /24 around the client."""
        return str(ip_network(f"{self._client}/24", strict=False))

    def sh(self, command: str) -> Shown:
        """A command line in the client host, with kubectl, tccli and curl for this cloud, and what it prints."""
        return Shown(self._run(command))

    def task(self, name: str, command: str) -> Shown:
        """
        A command line that the learner writes, run as `sh` does, and whether it has done what is asked for: the cloud's
        state says so, not the words.

        *name* is one of `tasks.TASKS`. A command with dots left in it runs nothing; where nobody sits here, one that
        does it is put in.

        Raises:
            UnknownNameError: There is no such task.
            LabStateError: The cells above were not run.
        """
        asked = task_of(name)
        goal = say(self.language, f"task_{name}")
        filled = []
        if is_blank(command):
            if not solving():
                return Shown(say(self.language, "task_blank", goal=goal))
            command = way_of(asked, self._names)
            filled = [say(self.language, "task_filled")]
        said = self._run(command)
        done = asked.is_done(State(self.snapshot(), said, self._client, self._names))
        return Shown("\n".join([*filled, said, say(self.language, "task_done" if done else "task_open", goal=goal)]))

    def verify(self) -> ShownRepair | Shown:
        """Whether all of the clients' block gets through, and nothing else to any interface; see `Lesson.verify`."""
        if not self.snapshot().service_names():
            return Shown(say(self.language, "cloud_no_service"))
        intent = intent_of("original-drill", semantics=self._semantics, client=self._client)
        found = check_repair(self.snapshot(), self._question(), replace(intent, served=(self.client_block,)))
        self._worked = self._worked or found.passed
        record.note("verified", "cloud", right=found.passed, lesson="08-cloud")
        return ShownRepair(found, self.language)

    def verify_gone(self) -> Shown:
        """
        Whether nothing is left of the drill: what would still cost money, or be in somebody's way.

        A cloud in which it has never worked is no cloud that was cleaned up.
        """
        left = self.snapshot().to_dict()
        names = [*(str(each[key]) for part, key in MADE.items() for each in left[part]), *left["security_groups"]]
        record.note("verified", "cloud-gone", right=not names and self._worked, lesson="08-cloud")
        if not names and not self._worked:
            return Shown(say(self.language, "gone_unseen"))
        return Shown(say(self.language, "gone_left" if names else "gone", names=", ".join(names)))

    def _run(self, command: str) -> str:
        named = [f"{name}={self._names[name]}" for name in sorted(GROUPS) if name in self._names]
        said = self.cloud.run("\n".join([*named, command]))
        status = f"\n(exit status {said.code})" if said.code else ""
        return f"$ {command}\n{(said.out + said.err).rstrip()}{status}"

    def _question(self) -> Question:
        return Question(client=self._client, service=self.snapshot().service_names()[0])

    def client(self, service: str) -> Any:
        """
        The vendor's SDK client of a service, for this cloud.

        Raises:
            InvalidInputError: There is none for that service.
        """
        if service not in CLIENTS:
            raise InvalidInputError(
                "The service is {service}",
                remedy="Use one of {choices}",
                service=quoted(service),
                choices=", ".join(CLIENTS),
            )
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        access = self.cloud.access
        profile = HttpProfile(endpoint=f"127.0.0.1:{access.api_port}", protocol="http")
        module = import_module(f"tencentcloud.{service}.{CLIENTS[service]}.{service}_client")
        kind = getattr(module, f"{service.capitalize()}Client")
        return kind(Credential(access.secret_id, access.secret_key), REGION, ClientProfile(httpProfile=profile))

    def kubernetes(self) -> Any:
        """The Python client's CoreV1Api, for this cloud."""
        from kubernetes import client, config

        api = config.new_client_from_config_dict(json.loads(self.cloud.kubeconfig))
        api.configuration.proxy = None
        return client.CoreV1Api(api)

    def render(self, **values: str) -> Shown:
        """The drill's manifests, filled in and written where the commands run."""
        self._names |= {name: values[f"{name.lower().replace('_', '_security_')}"] for name in GROUPS}
        written = manifests.render(manifests.settle(None, {"region": REGION, "cluster_id": CLUSTER, **values}))
        for name, text in written.items():
            (self.cloud.work / name).write_text(text, encoding="utf-8")
        return Shown("\n".join(written))

    def snapshot(self) -> Snapshot:
        """The cloud as it is now."""
        return self.cloud.state.snapshot()

    def picture(self) -> Shown:
        """The packet path to the Service, as the engine reads it from the cloud's state."""
        if not self.snapshot().service_names():
            return Shown(say(self.language, "cloud_no_service"))
        return shown_path(trace(self.snapshot(), self._question()), self.language)

    def close(self) -> Shown:
        """Clean up. The cloud cannot be used afterwards."""
        self.cloud.close()
        return Shown(say(self.language, "closed"))


def _require_packages() -> None:
    """Raises MissingToolError where this kernel lacks one; asked before anything is started."""
    missing = next((name for name in PACKAGES if find_spec(name) is None), None)
    if missing is not None:
        raise MissingToolError(
            "This kernel has no package {name}",
            remedy="Choose Kernel > Change Kernel, or run %pip install 'drilllib[course,cloud,local]'",
            name=missing,
        )


def _no_packets(semantics: Semantics) -> str | None:
    """Why real packets cannot be had."""
    if semantics.tcp_listener_answers_504:
        return "no network behaves as the original drill's text says"
    return no_real_packets()
