"""
What stands in for `terraform` where the provider cannot be had: its recorded calls (recorded/README.md), sent again.

It takes the command lines that the documentation and `drill render` print, for terraform/ as it stands and for the
variables of the recording. As the provider does, it finds the cloud by HTTP_PROXY and TENCENTCLOUD_* of its wrapper.
Run as `python terraform_stand_in.py -chdir=DIR init|apply|plan|output|destroy ...`.
"""

import argparse
import http.client
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "deploy")]

from configuration import FOLDER, outputs  # noqa: E402  found by the lines above

from drilllib.cloud.tencent import tc3  # noqa: E402  as above
from tests.cloud import recording  # noqa: E402  as above

RECORDED = {"region": "ap-guangzhou", "cluster_id": "cls-lab00001", "subnet_ids": ["subnet-nodes001"]}
STATE = "terraform.tfstate"


def send(service: str, version: str, action: str, parameters: Any) -> dict[str, Any]:
    """One call as the provider makes it. Raises SystemExit where the cloud refuses."""
    keys = (os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"])
    host, body = f"{service}.{os.environ['TENCENTCLOUD_DOMAIN']}", json.dumps(parameters).encode()
    headers = tc3.signed_headers(*keys, host, service, datetime.now(UTC), body)
    headers |= {"X-TC-Action": action, "X-TC-Version": version, "X-TC-Region": os.environ["TENCENTCLOUD_REGION"]}
    proxy = urlsplit(os.environ["HTTP_PROXY"])
    connection = http.client.HTTPConnection(proxy.hostname or "", proxy.port, timeout=60)
    connection.request("POST", f"http://{host}/", body, headers)
    answer: dict[str, Any] = json.loads(connection.getresponse().read())["Response"]
    if "Error" in answer:
        sys.exit(f"Error: {action}: {answer['Error']['Code']}: {answer['Error']['Message']}")
    return answer


def play(folder: Path, *phases: str) -> None:
    """Make the calls of commands; the state keeps which id of the recording became which."""
    state = folder / STATE
    replay = recording.Replay(send, json.loads(state.read_text()) if state.exists() else {})
    for phase in phases:
        for met in replay.play(phase):
            if phase != recording.DESTROY and met.found != met.wanted:  # somebody may have changed rules by hand
                sys.exit(f"Error: {met.action} answered otherwise than recorded:\n{met.found}\n{met.wanted}")
    state.write_text(json.dumps(replay.ids))


def shown(folder: Path) -> dict[str, Any]:
    """The outputs, with the ids of what was made. Raises SystemExit where nothing was."""
    if not (folder / STATE).exists():
        sys.exit("Warning: No outputs found")
    ids = json.loads((folder / STATE).read_text())
    created = [call for call in recording.recorded()[recording.APPLY] if call.action == "CreateSecurityGroup"]
    names = {
        f"tencentcloud_security_group.{call.request['GroupName'].removeprefix('drill-')}.id": ids[
            call.answer["SecurityGroup"]["SecurityGroupId"]
        ]
        for call in created
    }
    return {name: names.get(value, value) for name, value in outputs(**RECORDED).items()}


def require_these_files_and_values(folder: Path) -> None:
    """The recording is of terraform/, with these values of the variables that have no default."""
    given = {name.removeprefix("TF_VAR_"): text for name, text in os.environ.items() if name.startswith("TF_VAR_")}
    read = {name: json.loads(text) if text.startswith("[") else text for name, text in given.items()}
    if read != RECORDED:
        sys.exit(f"Error: the variables are {read}, and the recording is of {RECORDED}")
    for path in FOLDER.glob("*.tf"):
        if (folder / path.name).read_bytes() != path.read_bytes():
            sys.exit(f"Error: {path.name} is not the one that was recorded")


def approved(options: argparse.Namespace) -> None:
    if not options.approve:
        print("Do you really want to do this?\n  Only 'yes' will be accepted.\n\n  Enter a value: ", end="", flush=True)
        said = b""
        while not said.endswith(b"\n") and (letter := os.read(0, 1)):  # what follows is for the shell
            said += letter
        if said.strip() != b"yes":
            sys.exit("Error: cancelled")


def main() -> None:
    parser = argparse.ArgumentParser(prog="terraform")
    parser.add_argument("-chdir", type=Path, default=Path())
    parser.add_argument("command", choices=("init", "apply", "plan", "output", "destroy"))
    parser.add_argument("-auto-approve", dest="approve", action="store_true")
    parser.add_argument("-json", action="store_true")
    parser.add_argument("-raw")
    parser.add_argument("-var")
    options = parser.parse_args()
    folder = options.chdir
    if options.command == "output":
        found = shown(folder)
        every = {name: {"sensitive": False, "type": "string", "value": value} for name, value in found.items()}
        print(found[options.raw] if options.raw else json.dumps(every, indent=2), end="" if options.raw else "\n")
        return
    if options.command == "init":
        print("Terraform has been successfully initialized! (a stand-in: the provider's recorded calls)")
        return
    require_these_files_and_values(folder)
    if options.command == "plan":
        play(folder, recording.PLAN)
        print("No changes. Your infrastructure matches the configuration.")
        return
    approved(options)
    if options.command == "destroy":
        play(folder, recording.DESTROY)
        (folder / STATE).unlink()
        print("Destroy complete! Resources: 8 destroyed.")
        return
    first = recording.PLAN if (folder / STATE).exists() else recording.APPLY
    play(folder, first, *([recording.HEALTHY] if options.var else []))
    print("Apply complete! Resources: 8 added, 0 changed, 0 destroyed.")


if __name__ == "__main__":
    main()
