"""
A stand-in for tccli where that is not installed: the same calls, for the simple forms of its command line.

Run as `python -m drilllib.cloud.shell.tccli HOME SERVICE ACTION [--version V] [--region R] [--output json]
[--filter JMESPATH] [--Parameter VALUE]...`. What is no text for the action is written as JSON.
"""

import http.client
import json
import signal
import sys
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drilllib.cloud.tencent import tc3

VERSIONS = {"vpc": "2017-03-12", "cvm": "2017-03-12", "clb": "2018-03-17", "tke": "2018-05-25", "tag": "2018-08-13"}
REGION = "ap-guangzhou"
USAGE = (
    "usage: tccli SERVICE ACTION [--version VERSION] [--region REGION] [--output json] [--filter JMESPATH]"
    " [--Parameter VALUE]...,"
    " a value that is no text as JSON"
)
SAID = "tccli is not installed (make tccli adds it); this stand-in makes the same call"


def call(
    home: Path, service: str, version: str, action: str, parameters: dict[str, Any], region: str = ""
) -> dict[str, Any]:
    """
    Sign and send one request to the cloud whose keys are in *home*; the Response, in which an Error may be. An empty
    *region* is the cloud's own.
    """
    access = json.loads((home / "access.json").read_text(encoding="utf-8"))
    address, body = f"127.0.0.1:{access['api_port']}", json.dumps(parameters).encode()
    headers = tc3.signed_headers(access["secret_id"], access["secret_key"], address, service, datetime.now(UTC), body)
    headers |= {"X-TC-Action": action, "X-TC-Version": version, "X-TC-Region": region or access.get("region", REGION)}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(f"http://{address}/", body, headers), timeout=60) as response:
            answer: dict[str, Any] = json.load(response)["Response"]
            return answer
    except (OSError, http.client.HTTPException) as error:  # the SDK calls every break of the line so
        gone = isinstance(getattr(error, "reason", None), ConnectionRefusedError)
        said = (
            f"nobody answers at {address}: the cloud of this shell has ended. Leave the shell" if gone else str(error)
        )
        return {"Error": {"Code": "ClientNetworkError", "Message": said}}


def main(arguments: list[str]) -> int:
    """Call, print as tccli does, and give its exit status."""
    home, *words = arguments
    named = _options(words[2:])
    if len(words) < 2 or words[0] not in VERSIONS or named is None:
        print(USAGE, file=sys.stderr)
        return 252
    print(SAID, file=sys.stderr)
    try:
        return _show(Path(home), words[0], words[1], named)
    except ValueError as wrong:
        print(f"tccli: {wrong}", file=sys.stderr)
        return 255


def _show(home: Path, service: str, action: str, named: dict[str, str]) -> int:
    """Call and print; the exit status. Raises ValueError where an option cannot be used."""
    version, region = named.pop("version", VERSIONS[service]), named.pop("region", "")
    if named.pop("output", "json") != "json":
        raise ValueError("this stand-in prints JSON only")
    chosen = _filter(named.pop("filter", None))
    answer = call(home, service, version, action, _typed(named, (service, version, action)), region)
    error = answer.get("Error")
    if error:
        print(f"[TencentCloudSDKException] code:{error['Code']} message:{error['Message']}", file=sys.stderr)
        return 255
    found = chosen(answer)
    if found is not None:
        print(json.dumps(found, indent=4, ensure_ascii=False))
    return 0


def _filter(expression: str | None) -> Callable[[dict[str, Any]], Any]:
    """What --filter makes of an answer, by the library that tccli uses. Raises ValueError where it can make nothing."""
    if not expression:
        return lambda answer: answer
    try:
        import jmespath
    except ImportError:
        raise ValueError("--filter needs the package jmespath here: pip install 'drilllib[local]'") from None

    def chosen(answer: dict[str, Any]) -> Any:
        try:
            return jmespath.search(expression, answer)
        except jmespath.exceptions.JMESPathError as error:
            raise ValueError(f"the value of --filter: {' '.join(str(error).split())}") from None

    return chosen


def _options(words: list[str]) -> dict[str, str] | None:
    """Options as `--Name VALUE` or `--Name=VALUE`; None where they are none."""
    found, rest = {}, iter(words)
    for word in rest:
        name, is_given, value = word.partition("=")
        given = value if is_given else next(rest, None)
        if name[:2] != "--" or given is None:
            return None
        found[name[2:]] = given
    return found


def _typed(named: Mapping[str, str], key: tuple[str, str, str]) -> dict[str, Any]:
    """The values by the types of the action's parameters. Raises ValueError where one is to be JSON, and is none."""
    from drilllib.cloud.tencent.api import shape_of

    types = {name.removesuffix("?"): kind for name, kind in shape_of(*key).items()}
    return {name: _value(name, text, types.get(name, str)) for name, text in named.items()}


def _value(name: str, text: str, kind: Any) -> Any:
    if kind is str:
        return text
    try:
        return json.loads(text.lower() if kind is bool else text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the value of --{name} is no JSON: {error}") from None


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # a reader that goes away is no error
    sys.exit(main(sys.argv[1:]))
