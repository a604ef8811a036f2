"""How a call of the vendor's API is spelled for `tccli`, to read and to change; nowhere else is."""

from collections.abc import Mapping
from typing import Any

from drilllib.quoting import Option, json_word

# The version of each service that tccli takes where none is named: of TKE the older of two.
DEFAULT_VERSIONS = {"clb": "2018-03-17", "cvm": "2017-03-12", "vpc": "2017-03-12", "tke": "2018-05-25"}


def tccli_words(
    service: str, action: str, parameters: Mapping[str, Any], region: str = "", version: str = ""
) -> list[str]:
    """
    The words of the command, the program first. A parameter that is no text is JSON.

    An empty *region* leaves it to tccli's settings; a *version* is named where it is not the one that tccli takes.
    """
    words = ["tccli", service, action]
    if version and version != DEFAULT_VERSIONS.get(service, version):
        words += [Option("--version"), version]
    if region:
        words += [Option("--region"), region]
    for name, value in parameters.items():
        words += [Option(f"--{name}"), value if isinstance(value, str) else json_word(value)]
    return words
