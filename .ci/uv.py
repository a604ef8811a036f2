"""
Run uv with the index settings that pip is configured with: `python .ci/uv.py pip install ...`.

uv is the one on PATH, else that of requirements-uv.lock, which pip fetches into .venv/uv, with a cache beside it.
pip's settings go to uv in its environment and are printed nowhere, because an address can contain a password.
The exit status is uv's; or 3, with one line that says why, where pip has to do the work.
"""

import os
import shutil
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
FETCHED = Path(sys.prefix) / "uv"

# The sections of pip's configuration that count for `pip install`; a later one wins.
SECTIONS = ("global", "install", ":env:")
LISTS = {  # pip separates by white space, uv by these
    "extra-index-url": ("UV_EXTRA_INDEX_URL", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
}
VALUES = {
    "index-url": "UV_DEFAULT_INDEX",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
    "client-cert": "SSL_CLIENT_CERT",
}
# These change nothing about which files of locked versions are installed, and where from.
HARMLESS = {
    *("break-system-packages", "cache-dir", "compile", "config-file", "disable-pip-version-check", "exists-action"),
    *("log", "no-cache-dir", "no-color", "no-compile", "no-input", "no-python-version-warning", "no-warn-conflicts"),
    *("no-warn-script-location", "pre", "prefer-binary", "progress-bar", "quiet", "require-virtualenv"),
    *("root-user-action", "upgrade", "upgrade-strategy", "verbose"),
}
ALWAYS = {
    "UV_INDEX_STRATEGY": "unsafe-best-match",  # all indexes are asked, as by pip
    "UV_SYSTEM_CERTS": "1",
    "UV_NATIVE_TLS": "1",  # the same, for a uv from before 2026
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_MALWARE_CHECK": "0",  # asks a service of somebody else's
}


class PipHasToError(Exception):
    """uv cannot do it as pip would."""


def pip_settings() -> dict[str, str]:
    """What `pip config list` says for `pip install`: names without dashes before them, values as text."""
    command = [sys.executable, "-X", "utf8", "-m", "pip", "config", "list"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if run.returncode:
        raise PipHasToError("pip's configuration cannot be read")
    lines = [line.partition("=") for line in run.stdout.splitlines()]
    found = {}
    for section in SECTIONS:
        for key, _, value in lines:
            place, _, name = key.rpartition(".")
            if place == section and literal_eval(value):
                found[name] = literal_eval(value)
    return found


def for_uv(settings: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """
    The environment variables and the options that tell uv what *settings* tell pip.

    Raises PipHasToError for a setting that uv has no counterpart for.
    """
    variables, options = {}, []
    for name, value in settings.items():
        if name in LISTS:
            variable, separator = LISTS[name]
            variables[variable] = separator.join(value.split())
        elif name in VALUES:
            variables[VALUES[name]] = value
        elif name == "cert":
            variables |= certificates(value)
        elif name == "proxy":
            address = value if "://" in value else f"http://{value}"
            variables |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)
        elif name == "no-index":
            options += ["--no-index"] if value.lower() in ("y", "yes", "t", "true", "on", "1") else []
        elif name == "keyring-provider" and value in ("disabled", "subprocess"):
            variables["UV_KEYRING_PROVIDER"] = value
        elif name not in HARMLESS:
            raise PipHasToError(f"uv has no counterpart for pip's setting {name}")
    return variables, options


def certificates(path: str) -> dict[str, str]:
    """The variable that makes uv trust a bundle, or a folder of certificates."""
    return {"SSL_CERT_DIR" if os.path.isdir(path) else "SSL_CERT_FILE": path}


def environment(variables: dict[str, str]) -> dict[str, str]:
    """Uv's environment: what the user set for uv itself stays. pip obeys two more variables, which uv does not read."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    trusted = certificates(bundle) if bundle else {}
    kept = {name: value for name, value in os.environ.items() if name.startswith("UV_")}
    return ALWAYS | dict(os.environ) | trusted | variables | kept


def found_uv() -> str | None:
    """A uv that runs: the one on PATH, or the one fetched before."""
    for place in (shutil.which("uv"), str(FETCHED / "bin" / "uv")):
        try:
            if place and subprocess.run([place, "--version"], capture_output=True, check=False).returncode == 0:
                return place
        except OSError:
            pass
    return None


def fetched_uv() -> str:
    """Uv in .venv/uv, fetched by pip."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
    ]
    command += ["--only-binary", ":all:", "--target", str(FETCHED), "-r", str(HERE / "requirements-uv.lock")]
    run = subprocess.run(command, capture_output=True, check=False)
    found = found_uv()
    if run.returncode or not found:
        raise PipHasToError("uv is not to be had for this machine, or from its package index")
    return found


def main() -> None:
    """Become uv."""
    try:
        variables, options = for_uv(pip_settings())
        uv = found_uv() or fetched_uv()
    except PipHasToError as error:
        print(error, file=sys.stderr)
        raise SystemExit(3) from None
    if Path(uv).is_relative_to(FETCHED):
        variables["UV_CACHE_DIR"] = str(FETCHED / "cache")
    os.execve(uv, [uv, *sys.argv[1:], *options], environment(variables))


if __name__ == "__main__":
    main()
