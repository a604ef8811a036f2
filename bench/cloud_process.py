"""
One process that serves, for its start-up and memory: `python -m bench.cloud_process [new|FILE]`.

Without an argument it serves a constant on both servers and imports no more than they need. It says how much memory it
has once both answer, and ends when its input does.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter


def measured(arguments: list[str], times: int) -> tuple[float, float]:
    """The median seconds until it answers, and the memory in MiB then."""
    found = [_once(arguments) for _ in range(times + 1)][1:]
    return tuple(median(each) for each in zip(*found, strict=True))


def _once(arguments: list[str]) -> tuple[float, float]:
    started = perf_counter()
    command = [sys.executable, "-m", "bench.cloud_process", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        memory = float(process.stdout.readline())
        seconds = perf_counter() - started
        process.stdin.close()
        process.wait()
    return seconds, memory


def _memory_mib() -> float:
    line = next(each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _serve_constant() -> None:
    from drilllib.cloud.kube.server import KubeServer
    from drilllib.cloud.tencent.requests import Response
    from drilllib.cloud.tencent.server import CloudServer

    class Constant:
        def handle(self, _: object) -> Response:
            return Response(b"{}")

        def close(self) -> None:
            pass

    KubeServer(Constant(), {})
    CloudServer(Constant().handle).start()
    _say_and_wait()


def _serve(argument: str) -> None:
    from drilllib.cloud.local import LocalCloud
    from drilllib.files import read_snapshot

    with LocalCloud(None if argument == "new" else read_snapshot(argument).to_dict()):
        _say_and_wait()


def _say_and_wait() -> None:
    print(_memory_mib(), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:]:
        _serve(sys.argv[1])
    else:
        _serve_constant()
