"""
The clients a person types, as wrappers that work only on this cloud: kubectl, tccli, terraform, curl.

Each starts the real program with an environment made for it and nothing of the caller's: no credentials, no proxy, no
configuration of theirs can lead it to a real endpoint, and options that would are refused.
"""

import json
import os
import shlex
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from drilllib.labs.netns.sandbox import environment

REGION = "ap-guangzhou"
DOMAIN = "cloud.invalid"  # a name that no resolver knows; requests to it go to the proxy, which is the cloud
HOME_PREFIX = "drill-cloud-"
MISSING = "not installed on this machine"


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs to know of a cloud: ports on 127.0.0.1, keys, and the text of a kubeconfig."""

    api_port: int
    secret_id: str
    secret_key: str
    kubeconfig: str


def write_tools(home: Path, access: Access, *, real: bool) -> Path:
    """Write the wrappers and what they read below *home*; the folder to put first on PATH."""
    folder = home / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    _write(home / "kubeconfig", access.kubeconfig)
    _write(home / "access.json", json.dumps(asdict(access)))
    scripts = {"kubectl": _kubectl(home), "tccli": _tccli(home, access), "terraform": _terraform(home, access)}
    scripts["curl"] = _curl() if real else _simulated_curl(home)
    for name, script in scripts.items():
        _write(folder / name, script, mode=0o700)
    return folder


def shell_environment(home: Path) -> dict[str, str]:
    """The caller's environment without keys of theirs, and with the wrappers first on PATH."""
    own = environment()
    kept = {key: value for key, value in own.items() if not key.startswith(("TENCENTCLOUD_", "KUBE"))}
    return {**kept, "PATH": f"{home / 'bin'}:{own['PATH']}", "KUBECONFIG": str(home / "kubeconfig")}


def find_program(name: str) -> str | None:
    """The real program: beside our Python, in an environment of its own there, or on PATH."""
    beside = Path(sys.executable).parent
    places = [beside, beside.parent / f"{name}-environment" / "bin"]
    path = os.pathsep.join([*map(str, places), environment()["PATH"]])
    return shutil.which(name, path=path)


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def _script(name: str, home: Path, refused: str, variables: dict[str, str], arguments: str = "") -> str:
    """A wrapper of the program *name*; options that match the shell pattern *refused* are not passed on."""
    program = find_program(name)
    if program is None:
        return f"#!/bin/sh\necho {shlex.quote(f'{name}: {MISSING}')} >&2\nexit 127\n"
    kept = {"PATH": f"{home / 'bin'}:{environment()['PATH']}", "LANG": "C.UTF-8", "HOME": str(home), **variables}
    settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in kept.items())
    lines = ["#!/bin/sh", _while_it_is_up(name, home), 'for each in "$@"; do case "$each" in']
    if refused:
        said = f"{name}: this wrapper works on the local cloud only, and refuses"
        lines.append(f'  {refused}) echo {shlex.quote(said)} "$each" >&2; exit 2 ;;')
    lines += [
        "esac; done",
        f'exec env -i TERM="${{TERM:-dumb}}" {settings} {shlex.quote(program)} {arguments} "$@"',
        "",
    ]
    return "\n".join(lines)


def _while_it_is_up(name: str, home: Path) -> str:
    """A shell may outlive its cloud, and must not fall through to the user's own clients then."""
    said = shlex.quote(f"{name}: the cloud of this shell has ended. Leave the shell, and start another cloud")
    return f"[ -d {shlex.quote(str(home / 'bin'))} ] || {{ echo {said} >&2; exit 2; }}"


def _kubectl(home: Path) -> str:
    # -s takes an address, also at the end of short options that take nothing: -As...
    servers = "--server|--server=*|-s*|-[Ahiqtw1R]s*|-[Ahiqtw1R][Ahiqtw1R]s*"
    refused = f"{servers}|--kubeconfig*|--context*|--cluster|--cluster=*|--token*|--user|--user=*|--as*"
    variables = {"KUBECONFIG": str(home / "kubeconfig"), "KUBECACHEDIR": str(home / "cache")}
    return _script("kubectl", home, refused, variables)


def _tccli(home: Path, access: Access) -> str:
    if find_program("tccli") is None:
        return _ours("tccli", "tccli", home)
    variables = {"TENCENTCLOUD_SECRET_ID": access.secret_id, "TENCENTCLOUD_SECRET_KEY": access.secret_key}
    variables["TENCENTCLOUD_REGION"] = REGION
    refused = "--endpoint*|--profile*|--secretId*|--secretKey*|--token*|--https-proxy*|configure|auth"
    # At the end, because tccli takes options only behind service and action.
    script = _script("tccli", home, refused, variables)
    return script.replace('"$@"\n', f'"$@" --endpoint http://127.0.0.1:{access.api_port}\n')


def _terraform(home: Path, access: Access) -> str:
    variables = {
        "TENCENTCLOUD_SECRET_ID": access.secret_id,
        "TENCENTCLOUD_SECRET_KEY": access.secret_key,
        "TENCENTCLOUD_REGION": REGION,
        "TENCENTCLOUD_PROTOCOL": "HTTP",
        "TENCENTCLOUD_DOMAIN": DOMAIN,
        "HTTP_PROXY": f"http://127.0.0.1:{access.api_port}",
        "CHECKPOINT_DISABLE": "1",
    }
    return _script("terraform", home, "", variables)


def _curl() -> str:
    """The real one: in a host of the lab nothing else can be reached, and on the machine it refuses."""
    program = find_program("curl")
    if program is None:
        return f"#!/bin/sh\necho 'curl: {MISSING}' >&2\nexit 127\n"
    inside = '[ -n "$DRILL_HOST" ] || { echo "curl: only in a host of the lab: drill shell client" >&2; exit 2; }'
    return f'#!/bin/sh\n{inside}\nexec env -i TERM="${{TERM:-dumb}}" {shlex.quote(program)} -q "$@"\n'


def _simulated_curl(home: Path) -> str:
    """Where packets are simulated, so is curl."""
    return _ours("curl", "curl", home)


def _ours(name: str, module: str, home: Path) -> str:
    """A wrapper that runs one of our modules in the place of a program."""
    python = f"{shlex.quote(sys.executable)} -m drilllib.cloud.shell.{module} {shlex.quote(str(home))}"
    root = shlex.quote(str(Path(__file__).resolve().parents[3]))
    return f'#!/bin/sh\n{_while_it_is_up(name, home)}\nexec env PYTHONPATH={root} {python} "$@"\n'
