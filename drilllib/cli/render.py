"""`drill render`: from Terraform's outputs to the manifests of the drill, and to the commands that come next."""

import argparse
import json
import shlex
import textwrap
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from drilllib.cli.output import tell, tell_text
from drilllib.cli.parsers import command
from drilllib.deploy import folders, manifests
from drilllib.errors import InvalidInputError, Message, quoted
from drilllib.quoting import shell_line, shell_path


def add_commands(commands: Any) -> None:
    """Declare the command and what runs it."""
    names = textwrap.fill(", ".join(manifests.VALUES), 90, initial_indent=" " * 10, subsequent_indent=" " * 10)
    parser = command(
        commands,
        "render",
        _render,
        "write the drill's Kubernetes manifests for a cluster of yours",
        f"""\
        Writes files and prints the commands that come next; it calls neither the cloud nor the cluster.
        A file that you edited is never overwritten. The names that --set takes:
{names}
        examples:
          terraform -chdir=terraform output -json | drill render -
          drill render outputs.json --set image=nginx:1.27 --out rendered
          drill render --terraform terraform     (for the Terraform files, without a checkout)""",
    )
    parser.add_argument(
        "outputs", nargs="?", metavar="FILE", help="what terraform output -json printed, or - for standard input"
    )
    parser.add_argument(
        "--set",
        dest="given",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one value by hand; it wins over FILE, and without FILE the others are the lab's",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the manifests (rendered)")
    parser.add_argument("--terraform", type=Path, metavar="DIR", help="write the Terraform files into DIR instead")


def _render(options: argparse.Namespace) -> int:
    if options.terraform:
        if options.outputs or options.given or options.out:
            raise InvalidInputError(
                "--terraform was given with FILE, --set or --out",
                remedy="Write the Terraform files first, and render after terraform apply",
            )
        _write(options.terraform, manifests.terraform_files())
        tell_text(_steps_for_terraform(options.terraform))
        return 0
    given = dict(_assignment(text) for text in options.given)
    outputs, unread = manifests.read_outputs(options.outputs) if options.outputs else (None, [])
    values = manifests.settle(outputs, given)
    if unread:
        tell(f"not used: the outputs {', '.join(unread)}")
    folder = options.out or Path("rendered")
    _write(folder, manifests.render(values))
    tell_text(_steps_for_cluster(folder, values))
    return 0


def _assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name or not value:
        raise InvalidInputError("The value is {text}", remedy="Write --set NAME=VALUE", text=quoted(text))
    return name, value


def _write(folder: Path, contents: Mapping[str, str]) -> None:
    changed = folders.write_files(folder, contents)
    for name in changed:
        tell(f"wrote {folder / name}")
    if not changed:
        tell(f"{folder} is up to date; nothing was written")


def _steps_for_terraform(folder: Path) -> str:
    place = shell_line((shell_path(folder),))
    if isinstance(place, Message):
        return str(place)
    terraform = f"terraform -chdir={place}"
    example, own = (shlex.quote(shell_path(folder / f"terraform.tfvars{end}")) for end in (".example", ""))
    return f"""\
next, in this order:
  # a copy, to put your own values in
  cp {example} {own}
  {terraform} init
  {terraform} apply
  {terraform} output -json | drill render -"""


def _steps_for_cluster(folder: Path, values: Mapping[str, str]) -> str:
    """The commands from here to a running drill and back, in the order in which they work."""
    place = shell_line((shell_path(folder),))
    if isinstance(place, Message):
        return str(place)
    addon = f"--region {values['region']} --ClusterId {values['cluster_id']} --AddonName eniipamd"
    ask = f'curl -I "http://$vip{"" if values["listener_port"] == "80" else ":" + values["listener_port"]}"'
    update = f"tccli tke UpdateAddon {addon} --UpdateStrategy merge --RawValues"
    return f"""\
next, in this order; try it in a cluster that is there for drills only:
  # group 3 onto the interfaces of pods, on every node of {values["cluster_id"]}. What was set before is kept in a file.
  # Add-on older than v3.5.0: kubectl -n kube-system edit deployment tke-eni-ipamd, and add to the args of the container
  # --enable-security-groups and --security-groups={values["pod_security_group"]} instead.
  test -s {place}/eniipamd-before.json || tccli tke DescribeAddonValues {addon} > {place}/eniipamd-before.json
  {update} "$(base64 < {place}/eniipamd.json | tr -d '\\n')"
  # the pod, then the Service. At layer 4, service-tcp.yaml is the same
  kubectl apply -f {place}/namespace.yaml -f {place}/deployment.yaml
  kubectl -n shop rollout status deployment/web
  kubectl apply -f {place}/service-http.yaml
  # again, until EXTERNAL-IP is an address
  kubectl -n shop get service web
  vip=$(kubectl -n shop get service web -o jsonpath='{{.status.loadBalancer.ingress[0].ip}}')
  {ask}
{_repairs(place, values, ask)}
afterwards, in this order; a group that is still bound cannot be deleted:
  kubectl delete -f {place}/service-http.yaml -f {place}/deployment.yaml -f {place}/namespace.yaml
  # group 3 off again, or what eniipamd-before.json says
  {update} "$(base64 < {place}/eniipamd-off.json | tr -d '\\n')"
  terraform -chdir=terraform destroy"""


def _repairs(place: str, values: Mapping[str, str], ask: str) -> str:
    """The three faults from the outside in, each with what shows it, what it is, and the rule that is missing."""
    clients, nodes = values["client_block"], values["node_subnet"]
    faults = (
        ("curl times out: group 1, on the CLB, has to let the clients in", "clb", clients, "listener_port"),
        ("504: group 2, on the node, sees the clients too. Above its DROP ALL", "node", clients, "node_port"),
        ("504 again: group 3, on the interface of the pod, sees the node that sends on", "pod", nodes, "pod_port"),
    )
    lines = [
        "three faults, one after another; each time the rules, which of them decides, and the one that is missing:"
    ]
    for what, group, block, port in faults:
        lines += [
            f"  # {what}",
            *_repair(place, values, values[f"{group}_security_group"], block, values[port]),
            f"  {ask}",
        ]
    return "\n".join(lines)


def _repair(place: str, values: Mapping[str, str], group: str, block: str, port: str) -> list[str]:
    of_group = f"--region {values['region']} --SecurityGroupId {group}"
    rule = {"PolicyIndex": 0, "Action": "ACCEPT", "Protocol": "TCP", "CidrBlock": block, "Port": port}
    rules = json.dumps({"Ingress": [rule]})
    first = next(iter(IPv4Network(block).hosts()))
    return [
        f"  tccli vpc DescribeSecurityGroupPolicies {of_group} > {place}/{group}.json",
        f"  drill decide {place}/{group}.json --from {first} --port {port}",
        f"  tccli vpc CreateSecurityGroupPolicies {of_group} --SecurityGroupPolicySet '{rules}'",
    ]
