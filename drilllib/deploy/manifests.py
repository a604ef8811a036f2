"""
The drill on a real cluster: Terraform's outputs become manifests.

Every value is checked before anything is rendered. Nothing here talks to the cloud or to a cluster, or writes a file.
The templates and the Terraform files lie beside the package in a checkout, inside it in a wheel.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from string import Template
from typing import Any

from drilllib import documents, files
from drilllib.core.snapshot.kubernetes import NODE_PORTS
from drilllib.errors import InvalidInputError, Message, MissingToolError, quoted

_PIPE = Message("Give it what terraform -chdir=terraform output -json prints")
_MARKERS = {"manifests": "namespace.yaml", "terraform": "versions.tf"}


@dataclass(frozen=True, slots=True)
class Value:
    """
    One value of the templates: what it may be, in code and in words.

    Without Terraform's outputs *default* stands in for a value that was not given; the defaults are the course's lab.
    """

    accepts: Callable[[str], bool]
    form: str
    default: str | None = None


def _matching(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text, re.ASCII) is not None


def _port(lowest: int, highest: int, default: str) -> Value:
    def accepts(text: str) -> bool:
        return re.fullmatch("[1-9][0-9]{0,4}", text) is not None and lowest <= int(text) <= highest

    return Value(accepts, f"a whole number from {lowest} to {highest}", default)


def _label(default: str) -> Value:
    form = "letters, digits, '-', '_' and '.', at most 63, with a letter or digit at both ends"
    return Value(_matching("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"), form, default)


def _block(default: str) -> Value:
    def accepts(text: str) -> bool:
        try:
            return str(IPv4Network(text)) == text
        except ValueError:
            return False

    return Value(accepts, "an IPv4 block with its first address before the slash: 203.0.113.10/32", default)


_GROUP = Value(_matching("sg-[a-z0-9]{8}"), "sg- and 8 lower-case letters or digits")
IMAGE = "image"  # the one value that is no output of Terraform
VALUES = {
    "region": Value(_matching("[a-z]{2,3}-[a-z]+(-[a-z0-9]+)*"), "a region such as ap-guangzhou"),
    "cluster_id": Value(_matching("cls-[a-z0-9]{8}"), "cls- and 8 lower-case letters or digits"),
    "clb_security_group": _GROUP,
    "node_security_group": _GROUP,
    "pod_security_group": _GROUP,
    "node_label": _label("drill"),
    "front_label": _label("front"),
    "back_label": _label("back"),
    "client_block": _block("203.0.113.0/24"),
    "node_subnet": _block("10.0.35.0/24"),
    "listener_port": _port(1, 65535, "80"),
    "node_port": _port(NODE_PORTS[0], NODE_PORTS[-1], "30713"),
    "pod_port": _port(1, 65535, "80"),
    IMAGE: Value(_matching("[a-z0-9][A-Za-z0-9._/:@-]*"), "an image such as nginx:1.27", "nginx:1.27"),
}


def read_outputs(name: str) -> tuple[dict[str, str], list[str]]:
    """
    What `terraform output -json` printed into a file, or into ``-``, and the names in it that are not read here.

    Raises:
        InvalidInputError: It is something else, nothing was applied, or a value is no plain text or whole number.
    """
    where = "Standard input" if name == "-" else quoted(name)
    document = _outputs_json(files.read_text(name), where)
    if not isinstance(document, dict):
        raise InvalidInputError(
            "{where} holds {document}, which is not all outputs", remedy=_PIPE, where=where, document=quoted(document)
        )
    if "terraform_version" in document:
        raise InvalidInputError("{where} is a state or a plan of Terraform, not its outputs", remedy=_PIPE, where=where)
    if not document:
        raise InvalidInputError(
            "{where} has no outputs: nothing was applied", remedy="Run terraform apply first", where=where
        )
    known = {each: _plain(each, document[each]) for each in document if each in VALUES}
    return known, sorted(set(document) - set(VALUES))


def _outputs_json(text: str, where: str) -> Any:
    """The JSON; what `terraform output` prints for people is told apart, because it is the likeliest mistake."""
    if "No outputs found" in text:
        raise InvalidInputError(
            "{where} says that there are no outputs", remedy="Run terraform apply first", where=where
        )
    if re.match(r"\s*[\w-]+ += ", text):
        raise InvalidInputError("{where} is what terraform output prints without -json", remedy=_PIPE, where=where)
    try:
        return documents.parse_json(text, where)
    except InvalidInputError as error:
        raise InvalidInputError(error.problem_message, remedy=_PIPE) from None


def _plain(name: str, output: Any) -> str:
    if not isinstance(output, dict) or "value" not in output:
        raise InvalidInputError(
            "The output {name} is {output}, without a value", remedy=_PIPE, name=name, output=quoted(output)
        )
    if output.get("sensitive"):
        raise InvalidInputError(
            "The output {name} is marked sensitive, and a manifest is read by many",
            remedy="Take sensitive = true out of outputs.tf if it is no secret",
            name=name,
        )
    value = output["value"]
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidInputError(
            "The output {name} is {value}, not text or a whole number",
            remedy="Repair outputs.tf, and run terraform apply",
            name=name,
            value=quoted(value),
        )
    return str(value)


def settle(outputs: Mapping[str, str] | None, given: Mapping[str, str]) -> dict[str, str]:
    """
    The value of every name: the given one, else Terraform's, else the default.

    With *outputs* only the image has a default, so that a missing output is never replaced by the lab's value.

    Raises:
        InvalidInputError: A name is unknown or has no value, or a value cannot be used.
    """
    unknown = sorted(set(given) - set(VALUES))
    if unknown:
        raise InvalidInputError(
            "There is no value called {names}",
            remedy="Use one of {choices}",
            names=", ".join(map(quoted, unknown)),
            choices=", ".join(VALUES),
        )
    with_default = [IMAGE] if outputs is not None else [name for name, value in VALUES.items() if value.default]
    values = {name: VALUES[name].default or "" for name in with_default} | dict(outputs or {}) | dict(given)
    _require_all(values, outputs)
    _require_usable(values)
    return values


def _require_all(values: Mapping[str, str], outputs: Mapping[str, str] | None) -> None:
    missing = ", ".join(name for name in VALUES if name not in values)
    if not missing:
        return
    if outputs is None:
        raise InvalidInputError(
            "There is no value for {missing}",
            remedy="Give --set NAME=VALUE for each, or the output of terraform -chdir=terraform output -json as FILE",
            missing=missing,
        )
    raise InvalidInputError(
        "The outputs lack {missing}",
        remedy="Apply this version's files, which drill render --terraform DIR writes, or give --set NAME=VALUE",
        missing=missing,
    )


def _require_usable(values: Mapping[str, str]) -> None:
    for name, value in VALUES.items():
        if not value.accepts(values[name]):
            raise InvalidInputError(
                "{name} is {values}",
                remedy="It must be {form}",
                name=name,
                values=quoted(values[name]),
                form=value.form,
            )
    if values["front_label"] == values["back_label"]:
        raise InvalidInputError(
            "front_label and back_label are both {back_label}",
            remedy="Give the node the CLB sends to another label than the pod's node",
            back_label=quoted(values["back_label"]),
        )


def render(values: Mapping[str, str]) -> dict[str, str]:
    """
    Every manifest by its file name, with *values* in it.

    Raises:
        MissingToolError: This installation has no templates, or one with a name that is no value.
    """
    return {name: _fill(name, text, values) for name, text in _texts("manifests", "*.yaml", "*.json").items()}


def _fill(name: str, text: str, values: Mapping[str, str]) -> str:
    try:
        return Template(text).substitute(values)
    except (KeyError, ValueError) as error:
        raise MissingToolError(
            "The template {name} has a placeholder that is no value: {error}",
            remedy="Install drilllib again",
            name=name,
            error=error,
        ) from None


def terraform_files() -> dict[str, str]:
    """The Terraform files that came with this installation, by name; never a state or a tfvars file beside them."""
    return _texts("terraform", "*.tf", "*.tfvars.example")


def _texts(folder: str, *patterns: str) -> dict[str, str]:
    """Files beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    for place in (package / folder, package.parent / folder):
        if (place / _MARKERS[folder]).is_file():
            paths = sorted(path for pattern in patterns for path in place.glob(pattern))
            return {path.name: path.read_text(encoding="utf-8") for path in paths}
    raise MissingToolError(
        "This installation of drilllib has no {folder} beside {package}",
        remedy="Install drilllib again",
        folder=folder,
        package=package,
    )
