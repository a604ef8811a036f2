"""
Wheels of what is installed here: drilllib itself, and PyYAML without its compiled half, which no browser could run.

Byte for byte the same from the same files, so that a browser that has one keeps it.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from drilllib._version import __version__
from drilllib.site.lite.packages import Package

LEFT_OUT = (".po", ".pyc", ".so", ".pyd", ".lock", ".in")  # sentences are read from the compiled catalogues
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP archive knows
_WHEEL = "Wheel-Version: 1.0\nGenerator: drilllib\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def ours(into: Path) -> Package:
    """The drilllib that runs, as a wheel in the folder *into*."""
    source = Path(__file__).parents[2]
    wheel = _wheel(into, "drilllib", __version__, {"drilllib": source})
    return Package("drilllib", __version__, wheel, "drilllib", ("anywidget", "pyyaml"))


def yaml(into: Path, site_packages: Path, version: str) -> Package:
    """PyYAML's Python part, as it is installed in *site_packages*."""
    wheel = _wheel(into, "pyyaml", version, {"yaml": site_packages / "yaml"})
    return Package("pyyaml", version, wheel, "yaml")


def _wheel(into: Path, name: str, version: str, folders: Mapping[str, Path]) -> Path:
    about = f"{name}-{version}.dist-info"
    contents = dict(_contents(folders))
    contents[f"{about}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    contents[f"{about}/WHEEL"] = _WHEEL.encode()
    rows = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in contents.items()]
    contents[f"{about}/RECORD"] = "\n".join([*rows, f"{about}/RECORD,,", ""]).encode()
    made = into / f"{name}-{version}-py3-none-any.whl"
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(ZipInfo(path, _EPOCH), data, ZIP_DEFLATED)
    return made


def _contents(folders: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and path.suffix not in LEFT_OUT and not {"notebooks", "terraform"} & set(inside.parts):
                yield f"{name}/{inside.as_posix()}", path.read_bytes()


def _digest(data: bytes) -> str:
    """As RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
