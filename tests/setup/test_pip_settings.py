"""What pip is configured with reaches uv, and nobody else."""

import os
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.setup.checkout import ROOT, Checkout, write

spec = spec_from_file_location("uv_of_the_set_up", ROOT / ".ci" / "uv.py")
uv = module_from_spec(spec)
spec.loader.exec_module(uv)

# Writes down what it was started with.
SPY = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$*" >"$NOTED"
env >"$NOTED.environment"
"""


@pytest.mark.parametrize(
    ("setting", "value", "variables", "options"),
    [
        ("index-url", "https://a/simple", {"UV_DEFAULT_INDEX": "https://a/simple"}, []),
        ("extra-index-url", "\nhttps://a/\nhttps://b/", {"UV_EXTRA_INDEX_URL": "https://a/ https://b/"}, []),
        ("find-links", "/a /b", {"UV_FIND_LINKS": "/a,/b"}, []),
        ("constraint", "/a.txt /b.txt", {"UV_CONSTRAINT": "/a.txt /b.txt"}, []),
        ("trusted-host", "a b:81", {"UV_INSECURE_HOST": "a b:81"}, []),
        ("timeout", "60", {"UV_HTTP_TIMEOUT": "60"}, []),
        ("default-timeout", "60", {"UV_HTTP_TIMEOUT": "60"}, []),
        ("retries", "2", {"UV_HTTP_RETRIES": "2"}, []),
        ("cert", "/a.pem", {"SSL_CERT_FILE": "/a.pem"}, []),
        ("cert", os.sep, {"SSL_CERT_DIR": os.sep}, []),
        ("client-cert", "/me.pem", {"SSL_CLIENT_CERT": "/me.pem"}, []),
        ("no-index", "yes", {}, ["--no-index"]),
        ("no-index", "false", {}, []),
        ("keyring-provider", "subprocess", {"UV_KEYRING_PROVIDER": "subprocess"}, []),
        ("progress-bar", "off", {}, []),
    ],
)
def test_a_setting_has_its_counterpart(setting: str, value: str, variables: dict, options: list) -> None:
    assert uv.for_uv({setting: value}) == (variables, options)


def test_a_proxy_counts_for_every_address() -> None:
    """Also one without a scheme, as in pip."""
    variables, _ = uv.for_uv({"proxy": "me:secret@proxy:3128"})
    assert variables["HTTPS_PROXY"] == variables["http_proxy"] == "http://me:secret@proxy:3128"


@pytest.mark.parametrize("setting", ["no-binary", "require-hashes", "index", "a-setting-of-2030"])
def test_a_setting_without_a_counterpart_leaves_the_work_to_pip(setting: str) -> None:
    """It would install something else, without a word."""
    with pytest.raises(uv.PipHasToError, match=f"no counterpart for pip's setting {setting}$"):
        uv.for_uv({setting: "six"})


def test_the_environment_wins_over_the_file_and_install_over_global(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """As in pip; sections of other commands do not count."""
    pytest.importorskip("pip", reason="no pip in this environment")
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nretries=1\ntimeout=1\nproxy=a\n[install]\ntimeout=2\nproxy=b\n[wheel]\nproxy=c\ntimeout=9\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    monkeypatch.setenv("PIP_PROXY", 'it\'s "mine"')
    monkeypatch.setenv("PIP_INDEX_URL", "")

    found = uv.pip_settings()

    expected = {"retries": "1", "timeout": "2", "proxy": 'it\'s "mine"', "config-file": str(file)}
    assert {name: found.get(name) for name in expected} == expected
    assert "index-url" not in found


def test_what_is_set_for_uv_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine/")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/company.pem")
    monkeypatch.delenv("UV_INDEX_STRATEGY", raising=False)

    made = uv.environment({"UV_DEFAULT_INDEX": "https://pip/"})

    assert made["UV_DEFAULT_INDEX"] == "https://mine/"
    assert made["SSL_CERT_FILE"] == "/company.pem"
    assert made["UV_INDEX_STRATEGY"] == "unsafe-best-match"


def test_a_password_is_only_in_the_environment_of_uv(tmp_path: Path) -> None:
    """Command lines can be read by everybody on the machine, and outputs are pasted into reports."""
    checkout = Checkout(tmp_path / "checkout")
    checkout.use_stand_ins(tmp_path / "tools")
    write(tmp_path / "tools" / "uv", SPY)
    noted = Path(checkout.environment["NOTED"])

    run = checkout.set_up(PIP_INDEX_URL="https://me:sesame@127.0.0.1:9/simple", PIP_NO_INDEX="1")

    assert "UV_DEFAULT_INDEX=https://me:sesame@127.0.0.1:9/simple\n" in noted.with_name("noted.environment").read_text()
    assert noted.read_text().endswith(" --no-index\n")
    assert "sesame" not in run.stdout + run.stderr + noted.read_text()
