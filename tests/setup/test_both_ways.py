"""uv and pip put the same files into .venv, whatever pip is configured with."""

import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.setup.checkout import ROOT, Checkout, write_wheel
from tests.thorough import thorough


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with uv in it: the one on PATH, or one fetched."""
    found = shutil.which("uv")
    if found and subprocess.run([found, "--version"], capture_output=True).returncode == 0:
        return str(Path(found).parent)
    folder = tmp_path_factory.mktemp("uv")
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--target", folder]
    if subprocess.run([*command, "-r", ROOT / "requirements-uv.lock"], capture_output=True).returncode:
        pytest.skip("uv is not on PATH, and no package index answers")
    return str(folder / "bin")


class Index(SimpleHTTPRequestHandler):
    """A package index: a folder a package. It answers only who knows the password."""

    def do_GET(self) -> None:
        if self.headers["Authorization"] == "Basic " + b64encode(b"me:sesame").decode():
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Path]:
    """The folder of an index on this machine; its `address` file says where it listens."""
    folder = tmp_path / "index"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "address").write_text(f"http://me:sesame@127.0.0.1:{server.server_address[1]}")
        yield folder
        server.shutdown()


@thorough
def files(checkout: Checkout) -> dict[str, bytes | None]:
    """The packages in .venv, less an installer's own notes. Scripts by name only: each way writes its own few lines."""
    (packages,) = checkout.folder.glob(".venv/lib/python*/site-packages")
    scripts = checkout.folder / ".venv" / "bin"
    own = (
        "RECORD",
        "INSTALLER",
        "REQUESTED",
        "direct_url.json",
        "uv_build.json",
        "uv_cache.json",
        "drilllib.pth",
        ".pyc",
    )
    found = [path for path in packages.rglob("*") if path.is_file() and not path.name.endswith(own)]
    return dict.fromkeys(os.listdir(scripts)) | {str(path.relative_to(packages)): path.read_bytes() for path in found}


def test_uv_and_pip_install_the_same_files(uv: str, index: Path, tmp_path: Path) -> None:
    """
    From two indexes with a password and a folder: whichever has the locked version, though another has a newer one.

    Left to itself uv looks no further than the first index that knows a package.
    """
    address = (tmp_path / "address").read_text()
    for name, version in {"alpha": "1.0", "beta": "2.0"}.items():
        write_wheel(index / "main" / name, name, version)
    for name, version in {"alpha": "2.0", "beta": "1.0"}.items():
        write_wheel(index / "more" / name, name, version)
    write_wheel(tmp_path / "wheels", "gamma", "1.0")
    write_wheel(tmp_path / "wheels", "alpha", "3.0")
    (tmp_path / "constraints.txt").write_text("delta<2\n")
    pip = pytest.importorskip("pip", reason="no pip in this environment")
    made = {}
    for installer in ("uv", "pip"):
        checkout = made[installer] = Checkout(tmp_path / installer, "alpha==1.0\nbeta==1.0\n", "gamma==1.0\n")
        checkout.use_pip(Path(pip.__file__).parent, tmp_path / "tools")
        checkout.environment |= {
            "PATH": f"{uv}:{os.environ['PATH']}",
            "UV_CACHE_DIR": str(tmp_path / "cache"),
            "PIP_INDEX_URL": f"{address}/main",
            "PIP_EXTRA_INDEX_URL": f"{address}/more",
            "PIP_FIND_LINKS": str(tmp_path / "wheels"),
            "PIP_CONSTRAINT": str(tmp_path / "constraints.txt"),
        }
        run = checkout.set_up("test", INSTALLER=installer)
        assert (run.returncode, run.stderr, "so pip does" in run.stdout) == (0, "", False), run.stdout

    by_uv, by_pip = map(files, made.values())
    assert {"alpha", "alpha.py", "beta.py", "gamma.py", "drilllib-0.dist-info/METADATA"} < by_uv.keys()
    assert by_uv == by_pip
    for checkout in made.values():
        said = subprocess.run([checkout.folder / ".venv" / "bin" / "alpha"], capture_output=True, text=True, check=True)
        assert said.stdout == "1.0\n"


@thorough
def test_uv_and_pip_install_the_same_course(uv: str, tmp_path: Path) -> None:
    """The whole of requirements.lock, from the package index that this machine is configured with."""
    made = []
    for installer in ("uv", "pip"):
        checkout = Checkout(tmp_path / installer, (ROOT / "requirements.lock").read_text())
        own = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        checkout.environment.pop("PIP_CONFIG_FILE")
        checkout.environment |= {"PATH": f"{uv}:{os.environ['PATH']}", "UV_CACHE_DIR": str(tmp_path / "cache"), **own}
        run = checkout.start(INSTALLER=installer)
        out, err = run.communicate()
        assert (run.returncode, "so pip does" in out) == (0, False), out + err
        made.append(files(checkout))

    by_uv, by_pip = made
    assert by_uv.keys() == by_pip.keys()
    # Every package of the SDK brings this file with its own version in it; the last one stays.
    assert {name for name in by_uv if by_uv[name] != by_pip[name]} <= {"tencentcloud/__init__.py"}
