r"""
What the wrapper `curl` runs where packets are simulated: it asks the cloud what a request meets, and prints that.

Run as `python -m drilllib.cloud.shell.curl HOME [-I] [-s] [-S] [--connect-timeout S] [--max-time S]
[-w '\n%{time_total}'] [-H 'Host: NAME'] URL`.
"""

import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from drilllib.cloud.shell.tccli import call

TIMES = ("--connect-timeout", "--max-time")  # taken, and without effect: the simulated client waits by the documents
TOOK = "\\n%{time_total}"  # the one text after -w that it knows
HOST = ("-H", "Host: ")
PLAIN = ("-I", "-s", "-S", "-sS", "-sI", "-sSI", "-Is", "--head", "--silent", "--show-error")


def main(arguments: list[str]) -> int:
    """Ask, print, and give curl's exit status."""
    home, *given = arguments
    words, host = _taken(given)
    urls = [word for word in words if not word.startswith("-")]
    if len(urls) != 1 or any(word not in PLAIN for word in words if word.startswith("-")):
        print("curl: packets are simulated here, and only curl -I URL can be asked; use --lab netns", file=sys.stderr)
        return 2
    try:
        url = urlsplit(urls[0] if "://" in urls[0] else f"http://{urls[0]}")
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError as error:
        print(f"curl: (3) URL rejected: {error}", file=sys.stderr)
        return 3
    place = {"Address": url.hostname, "Port": port, "Path": url.path or "/", **host}
    answer = call(Path(home), "drill", "2026-01-01", "Ask", place)
    if "Error" in answer:
        print(f"curl: {answer['Error']['Message']}", file=sys.stderr)
        return 2
    print(answer["Transcript"], file=sys.stderr if answer["Status"] else sys.stdout)
    if TOOK in given:
        print(f"\n{answer['Milliseconds'] / 1000:.6f}", end="")
    return int(answer["Status"])


def _taken(given: list[str]) -> tuple[list[str], dict[str, str]]:
    """The words without options that have a value, and the host that is asked for, as `Ask` takes it."""
    words, host, rest = [], dict[str, str](), iter(given)
    for word in rest:
        if word in TIMES or word == "-w":
            next(rest, None)
        elif word == HOST[0] and (value := next(rest, "")).startswith(HOST[1]):
            host = {"Host": value.removeprefix(HOST[1])}
        else:
            words.append(word)
    return words, host


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that goes away is no error
    sys.exit(main(sys.argv[1:]))
