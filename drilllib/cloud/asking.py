"""
What the wrapper `curl` runs where packets are simulated: it asks the cloud what a request meets, and prints that.

Run as `python -m drilllib.cloud.asking HOME [-I] [-s] [-S] URL`.
"""

import json
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from drilllib.cloud import tc3

PLAIN = ("-I", "-s", "-S", "-sS", "-sI", "-sSI", "-Is", "--head", "--silent", "--show-error")


def main(arguments: list[str]) -> int:
    """Ask, print, and give curl's exit status."""
    home, *words = arguments
    urls = [word for word in words if not word.startswith("-")]
    if len(urls) != 1 or any(word not in PLAIN for word in words if word.startswith("-")):
        print("curl: packets are simulated here, and only curl -I URL can be asked; use --lab netns", file=sys.stderr)
        return 2
    url = urlsplit(urls[0] if "://" in urls[0] else f"http://{urls[0]}")
    answer = _asked(Path(home), {"Address": url.hostname, "Port": url.port or 80, "Path": url.path or "/"})
    if "Error" in answer:
        print(f"curl: {answer['Error']['Message']}", file=sys.stderr)
        return 2
    print(answer["Transcript"], file=sys.stderr if answer["Status"] else sys.stdout)
    return answer["Status"]


def _asked(home: Path, parameters: dict[str, object]) -> dict:
    access = json.loads((home / "access.json").read_text(encoding="utf-8"))
    address = f"127.0.0.1:{access['api_port']}"
    body = json.dumps(parameters).encode()
    headers = tc3.signed_headers(access["secret_id"], access["secret_key"], address, "drill", datetime.now(UTC), body)
    headers |= {"X-TC-Action": "Ask", "X-TC-Version": "2026-01-01", "X-TC-Region": "ap-guangzhou"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"http://{address}/", body, headers), timeout=60) as response:
        return json.load(response)["Response"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
