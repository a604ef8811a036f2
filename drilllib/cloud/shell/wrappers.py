"""
The clients a person types, as wrappers that work only on this cloud: kubectl, tccli, terraform, curl.

Each starts the real program with an environment made for it and nothing of the caller's: no credentials, no proxy, no
configuration of theirs can lead it to a real endpoint, and options that would are refused. client.py does so.
"""

import json
import os
import shlex
import shutil
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from drilllib.cloud.shell import client
from drilllib.cloud.shell.client import Client
from drilllib.labs.netns.sandbox import environment
from drilllib.machine import private, python
from drilllib.machine.environment import PYTHON, SHELL

REGION = "ap-guangzhou"
DOMAIN = "cloud.invalid"  # a name that no resolver knows; requests to it go to the proxy, which is the cloud
MISSING = "not installed on this machine"
OURS = {"drill": "drilllib", "kubectl-drill": "drilllib.cli.kubectl_drill"}  # kubectl finds its plugins on PATH
# Of the caller's environment; TF_TOKEN_* and TF_CLI_ARGS* stay behind.
TERRAFORM = (
    "TF_VAR_*",
    "TF_LOG",
    "TF_LOG_*",
    "TF_CLI_CONFIG_FILE",
    "TF_PLUGIN_CACHE_DIR",
    "TF_WORKSPACE",
    "TF_DATA_DIR",
    "TF_IN_AUTOMATION",
    "TF_INPUT",
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs to know of a cloud: a port on 127.0.0.1, keys, the text of a kubeconfig, and its region."""

    api_port: int
    secret_id: str
    secret_key: str
    kubeconfig: str
    region: str = REGION


def write_tools(home: Path, access: Access, *, real: bool) -> Path:
    """Write the wrappers and what they read below *home*; the folder to put first on PATH."""
    folder = private.folder(home / "bin")
    private.write(home / "kubeconfig", access.kubeconfig)
    private.write(home / "access.json", json.dumps(asdict(access)))
    clients = {"kubectl": _kubectl(home), "tccli": _tccli(home, access), "terraform": _terraform(home, access)}
    clients |= {name: _drill(home, access, module) for name, module in OURS.items()}
    found = {name: made for name, made in clients.items() if made is not None}
    private.write(home / client.FILE, client.described(found))
    scripts = {name: _started(name, home) if name in found else _missing(name) for name in clients}
    scripts["curl"] = _curl() if real else _ours("curl", home)
    if "tccli" not in found:
        scripts["tccli"] = _ours("tccli", home, python.OWN)  # jmespath is a package
    for name, script in scripts.items():
        private.write(folder / name, script, private.PROGRAM)
    return folder


def shell_environment(home: Path) -> dict[str, str]:
    """What of the caller's environment a shell is handed, with the wrappers first on PATH and no keys."""
    own = environment(*TERRAFORM)
    return {**own, "PATH": f"{home / 'bin'}:{own['PATH']}", "KUBECONFIG": str(home / "kubeconfig")}


def find_program(name: str) -> str | None:
    """The real program: beside our Python, in an environment of its own there, or on PATH, but not in this folder."""
    beside = Path(sys.executable).parent
    places = [beside, beside.parent / f"{name}-environment" / "bin"]
    path = os.pathsep.join([*map(str, places), environment()["PATH"]])
    return shutil.which(name, path=path)


def _started(name: str, home: Path) -> str:
    """A wrapper of a real program."""
    return _script(name, home, python.ours("drilllib.cloud.shell.client", str(home), name, flags=python.ALONE))


def _ours(name: str, home: Path, flags: tuple[str, ...] = python.ALONE) -> str:
    """A wrapper that runs one of our modules in the place of a program."""
    return _script(name, home, python.ours(f"drilllib.cloud.shell.{name}", str(home), flags=flags))


def _missing(name: str) -> str:
    return f"#!/bin/sh\necho {shlex.quote(f'{name}: {MISSING}')} >&2\nexit 127\n"


def _script(name: str, home: Path, command: list[str]) -> str:
    return f'#!/bin/sh\n{_while_it_is_up(name, home)}\nexec {shlex.join(command)} "$@"\n'


def _while_it_is_up(name: str, home: Path) -> str:
    """A shell may outlive its cloud, and must not fall through to the user's own clients then."""
    said = shlex.quote(f"{name}: the cloud of this shell has ended. Leave the shell, and start another cloud")
    return f"[ -d {shlex.quote(str(home / 'bin'))} ] || {{ echo {said} >&2; exit 2; }}"


def _client(
    name: str, home: Path, variables: dict[str, str], refused: str = "", passed: tuple[str, ...] = (), last: str = ""
) -> Client | None:
    """The program *name*; None where it is not installed."""
    program = find_program(name)
    if program is None:
        return None
    kept = {"PATH": f"{home / 'bin'}:{environment()['PATH']}", "LANG": "C.UTF-8", "HOME": str(home), **variables}
    return Client(program, kept, passed, tuple(filter(None, refused.split("|"))), tuple(last.split()))


def _kubectl(home: Path) -> Client | None:
    # -s takes an address, also at the end of short options that take nothing: -As...
    servers = "--server|--server=*|-s*|-[Ahiqtw1R]s*|-[Ahiqtw1R][Ahiqtw1R]s*"
    refused = f"{servers}|--kubeconfig*|--context*|--cluster|--cluster=*|--token*|--user|--user=*|--as*"
    variables = {"KUBECONFIG": str(home / "kubeconfig"), "KUBECACHEDIR": str(home / "cache")}
    found = _client("kubectl", home, variables, refused)
    return found and replace(found, tells_language=True)


def _tccli(home: Path, access: Access) -> Client | None:
    refused = "--endpoint*|--profile*|--secretId*|--secretKey*|--token*|--https-proxy*|configure|auth"
    # At the end, because tccli takes options only behind service and action.
    last = f"--endpoint http://127.0.0.1:{access.api_port}"
    return _client("tccli", home, _keys(access), refused, last=last)


def _terraform(home: Path, access: Access) -> Client | None:
    variables = {
        **_keys(access),
        "TENCENTCLOUD_PROTOCOL": "HTTP",
        "TENCENTCLOUD_DOMAIN": DOMAIN,
        "HTTP_PROXY": f"http://127.0.0.1:{access.api_port}",
        "CHECKPOINT_DISABLE": "1",
    }
    return _client("terraform", home, variables, passed=TERRAFORM)


def _drill(home: Path, access: Access, module: str) -> Client:
    """Our own command, by its *module*, with keys and endpoint of this cloud: it reads it without a flag."""
    endpoint = f"http://127.0.0.1:{access.api_port}"
    places = {"KUBECONFIG": str(home / "kubeconfig"), "XDG_STATE_HOME": str(home / "state")}  # journals end with it
    variables = {**_keys(access), "TENCENTCLOUD_ENDPOINT": endpoint, **places}
    program, *first = python.ours(module)
    return Client(program, variables, (*SHELL, *PYTHON), ("--kubeconfig*",), first=tuple(first))


def _keys(access: Access) -> dict[str, str]:
    keys = {"TENCENTCLOUD_SECRET_ID": access.secret_id, "TENCENTCLOUD_SECRET_KEY": access.secret_key}
    return {**keys, "TENCENTCLOUD_REGION": access.region}


def _curl() -> str:
    """The real one: in a host of the lab nothing else can be reached, and on the machine it refuses."""
    program = find_program("curl")
    if program is None:
        return _missing("curl")
    inside = '[ -n "$DRILL_HOST" ] || { echo "curl: only in a host of the lab: drill shell client" >&2; exit 2; }'
    return f'#!/bin/sh\n{inside}\nexec env -i TERM="${{TERM:-dumb}}" {shlex.quote(program)} -q "$@"\n'
