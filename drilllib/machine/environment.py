"""
What a process that we start learns of our environment: what is named here, and nothing else.

Keys of real clouds, kubeconfigs, tokens, proxies and agents stay behind because nobody listed them. `DRILL_KEEP` names
more, where somebody needs it: `DRILL_KEEP='SSL_CERT_FILE MY_*' drill shell`. Search paths lose the entries that mean
the current folder.
"""

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

TERMINAL = ("TERM", "TERMINFO", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR*", "LS_COLORS")
TOOLS = ("TZ", "USER", "LOGNAME", "SHELL", "TMPDIR", "PAGER", "LESS", "EDITOR", "VISUAL", "KUBE_EDITOR", "DRILL_*")
CLIENT = (*TERMINAL, *TOOLS)  # what a client of the local cloud gets, besides what its wrapper sets
SHELL = (*CLIENT, "HOME", "PATH", "LANG", "LANGUAGE", "LC_*", "XDG_RUNTIME_DIR")
PYTHON = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "PYTHONUTF8", "PYTHONIOENCODING"),
    *("PYTHONNOUSERSITE", "PYTHONUSERBASE", "PYTHONHASHSEED", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH"),
)
COURSE = (
    *(*SHELL, *PYTHON, "XDG_*", "JPY_*", "IPYTHON*", "MPL*"),
    *("JUPYTER_CONFIG_*", "JUPYTER_PATH", "JUPYTER_DATA_DIR", "JUPYTER_PREFER_ENV_PATH", "JUPYTER_PLATFORM_DIRS"),
    *("JUPYTERLAB_*DIR",),
)
LIVE = ("TENCENTCLOUD_*", "TCCLI_*", "KUBECONFIG")  # whose cluster it is that a lesson is played in
MORE = "DRILL_KEEP"
USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"
PATHS = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH")
STANDS = "DRILL_STANDS"  # set for a lab or cloud that shall outlive whoever started it


def handed_on(*patterns: str) -> dict[str, str]:
    """What of our environment has a name that fits one of *patterns*, or one in `DRILL_KEEP`; always with a PATH."""
    wanted = (*patterns, *os.environ.get(MORE, "").replace(",", " ").split())
    kept = {name: value for name, value in os.environ.items() if name != STANDS and _fits(name, wanted)}
    cleaned = {name: absolute(kept[name]) for name in PATHS if name in kept}
    filled = {name: value for name, value in (kept | cleaned).items() if value or name not in PATHS}
    return {**filled, "PATH": filled.get("PATH", USUAL_PATH)}


def of_course(lab: str | None) -> dict[str, str]:
    """What Jupyter and kernels get; keys and kubeconfig only where the *lab* is live: somebody's real cluster."""
    return handed_on(*COURSE, *(LIVE if lab == "live" else ()))


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, each) for each in patterns)


def search_path() -> str:
    """Our PATH without entries that mean the current folder, by whatever name."""
    return absolute(os.environ.get("PATH", "")) or USUAL_PATH


def absolute(path: str) -> str:
    """A search path without its empty and relative entries."""
    return os.pathsep.join(each for each in path.split(os.pathsep) if os.path.isabs(each))
