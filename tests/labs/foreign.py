"""A cluster as somebody else has it: the course's lab under other names, ids and addresses."""

import json
import re
from collections.abc import Mapping
from typing import Any

from drilllib.core.snapshot.snapshot import Snapshot

CLIENT = "198.51.100.77"
GROUPS = {"sg-clb00001": "sg-9k2xq1aa", "sg-node0001": "sg-5t7yb2bb", "sg-pod00001": "sg-0m3wz3cc"}
WORDS = {
    **GROUPS,
    "lb-lab00001": "lb-7c1d9e2f",
    "lbl-lab00001": "lbl-3a5b7c9d",
    "loc-lab00001": "loc-8e2f4a6b",
    "cls-lab00001": "cls-a1b2c3d4",
    "ins-nodea001": "ins-4h6j8k0m",
    "ins-nodeb001": "ins-2p4r6s8t",
    "eni-podsb001": "eni-1u3v5w7x",
    "subnet-nodes001": "subnet-6y8z0a2c",
    "subnet-pods0001": "subnet-4d6f8g0h",
    "203.0.113.0/24": "198.51.100.0/24",
    "203.0.113.10": CLIENT,
    "192.0.2.10": "43.139.7.20",
    "10.0.35.0/24": "172.20.8.0/22",
    "10.0.36.0/24": "172.20.64.0/20",
    "10.0.35.11": "172.20.8.41",
    "10.0.35.12": "172.20.9.42",
    "10.0.36.12": "172.20.66.7",
    "node-a": "172.20.8.41",
    "node-b": "172.20.9.42",
    "web-1": "web-6d8f9c7b5-x2k4q",
    "30713": "31888",
}


def foreign(snapshot: Snapshot, words: Mapping[str, str] = WORDS) -> dict[str, Any]:
    """The snapshot's document in *words*."""
    longest = "|".join(re.escape(each) for each in sorted(words, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w.-])(?:{longest})(?![\w-]|\.\d|/\d)")
    made: dict[str, Any] = json.loads(pattern.sub(lambda found: words[found[0]], json.dumps(snapshot.to_dict())))
    return made
