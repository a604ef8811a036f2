"""
What else can be changed than rules: the order of groups, a switch of the CLB, an object of Kubernetes.

A step is data for whoever tells it: a code, the names in its sentence, and the commands that make it. What it does to a
snapshot is told where it is found, and proved by a trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from drilllib.core.capture.tccli import DEFAULT_VERSIONS, tccli_words
from drilllib.errors import Message
from drilllib.quoting import Option, json_word, shell_line


class StepCode(StrEnum):
    """What is changed. Codes are never renamed, only added."""

    GROUP_ORDER = "GROUP_ORDER"
    PASS_TO_TARGET = "PASS_TO_TARGET"
    TARGET_PORT = "TARGET_PORT"
    SELECTOR = "SELECTOR"
    PORT_NAME = "PORT_NAME"
    HEALTH_CHECK_PORT = "HEALTH_CHECK_PORT"
    PROBE_SOURCE = "PROBE_SOURCE"
    RECREATE_POD = "RECREATE_POD"
    SYNC_GROUPS = "SYNC_GROUPS"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an API, of the version in `DEFAULT_VERSIONS`."""

    action: str
    parameters: Mapping[str, Any]
    service: str = "vpc"

    def to_dict(self) -> dict[str, Any]:
        """The call as plain data."""
        version = DEFAULT_VERSIONS[self.service]
        named = {"service": self.service, "action": self.action, "version": version}
        return {**named, "parameters": dict(self.parameters)}

    def command(self, region: str) -> str | Message:
        """The call as a `tccli` command; see `shell_line`."""
        return shell_line(tccli_words(self.service, self.action, self.parameters, region))


@dataclass(frozen=True, slots=True)
class Kubectl:
    """One `kubectl` command, without the program's name."""

    words: tuple[str, ...]

    @property
    def line(self) -> str | Message:
        """The command; see `shell_line`."""
        return shell_line(("kubectl", *self.words))

    def to_dict(self) -> dict[str, Any]:
        """The command as plain data."""
        return {"kubectl": str(self.line)}


@dataclass(frozen=True, slots=True)
class Tccli:
    """One `tccli` command, the program first."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, service: str, action: str, parameters: Mapping[str, Any], region: str) -> "Tccli":
        """The command of a call; see `tccli_words`."""
        return cls(tuple(tccli_words(service, action, parameters, region)))

    @property
    def line(self) -> str | Message:
        """The command; see `shell_line`."""
        return shell_line(self.words)


@dataclass(frozen=True, slots=True)
class Step:
    """*code* says what kind of step it is, *where* the resource or the object, *facts* what else its sentence names."""

    code: StepCode
    where: str
    facts: Mapping[str, str]
    command: Call | Kubectl

    def to_dict(self) -> dict[str, Any]:
        """The step as plain data."""
        named = {"code": self.code, "where": self.where, "facts": dict(self.facts)}
        return {**named, "command": self.command.to_dict()}


def object_words(name: str) -> tuple[str, ...]:
    """The options of `kubectl` for the namespace of NAMESPACE/NAME."""
    return Option("-n"), name.partition("/")[0]


def annotate(kind: str, name: str, annotation: str, value: str) -> Kubectl:
    """`kubectl annotate` for an object called NAMESPACE/NAME."""
    return Kubectl(
        (*object_words(name), "annotate", kind, name.partition("/")[2], f"{annotation}={value}", Option("--overwrite"))
    )


def annotate_node(name: str, annotation: str, value: str) -> Kubectl:
    """`kubectl annotate` for a node, which is in no namespace."""
    return Kubectl(("annotate", "node", name, f"{annotation}={value}", Option("--overwrite")))


def delete_pod(name: str) -> Kubectl:
    """`kubectl delete` for a pod called NAMESPACE/NAME, whose owner makes a new one."""
    return Kubectl((*object_words(name), "delete", "pod", name.partition("/")[2]))


def patch(kind: str, name: str, operations: Sequence[Mapping[str, Any]]) -> Kubectl:
    """`kubectl patch` with JSON Patch operations (RFC 6902) for an object called NAMESPACE/NAME."""
    named = (*object_words(name), "patch", kind, name.partition("/")[2])
    return Kubectl((*named, Option("--type"), "json", Option("-p"), json_word(list(operations))))
