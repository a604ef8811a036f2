"""What the cloud has acknowledged is still there after it was killed, at any moment."""

import http.client
import json
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from drilllib.core.drills.default_lab import NODE_GROUP
from drilllib.core.snapshot.snapshot import Snapshot
from tests.cloud.helpers import opened, post, signed

ROOT = Path(__file__).resolve().parents[2]
WRITES, SLOTS = 500, 50
KILLS = 3  # at least; a fast machine goes on writing until then


def start(file: Path) -> tuple[subprocess.Popen[str], int]:
    command = [sys.executable, "-m", "tests.cloud.cloud_process", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def send(port: int, action: str, *rules: dict[str, Any]) -> None:
    params = {"SecurityGroupId": NODE_GROUP, "SecurityGroupPolicySet": {"Ingress": list(rules)}}
    opened(post(port, signed("vpc", action, params)).data)


def rule(number: int) -> dict[str, Any]:
    return {"Protocol": "TCP", "Port": str(number + 1), "CidrBlock": "10.0.0.0/8", "Action": "ACCEPT"}


def write(port: int, number: int) -> None:
    """One request: write number *number* takes the place of the one 50 before it."""
    send(port, "ReplaceSecurityGroupPolicy", {**rule(number), "PolicyIndex": number % SLOTS})


def numbers_in(file: Path) -> list[int]:
    """The writes in the file, by their place; the file has to be whole."""
    document = json.loads(file.read_text(encoding="utf-8"))
    Snapshot(document)
    policies = document["security_groups"][NODE_GROUP]["SecurityGroupPolicySet"]["Ingress"]
    return [int(each["Port"]) - 1 for each in policies]


def test_every_acknowledged_write_survives_kills_at_random_moments(tmp_path: Path) -> None:
    """At least 500 writes, and SIGKILL again and again, in the middle of whatever it is doing."""
    file, chance = tmp_path / "cloud.json", random.Random(11)
    process, port = start(file)
    send(port, "ModifySecurityGroupPolicies", *(rule(number) for number in range(SLOTS)))
    expected, number, kills = list(range(SLOTS)), SLOTS, 0
    killer = threading.Timer(0, lambda: None)
    try:
        while number < SLOTS + WRITES or kills < KILLS:
            if not killer.is_alive():
                killer = threading.Timer(chance.uniform(0.05, 0.6), process.kill)
                killer.start()
            try:
                write(port, number)
                expected[number % SLOTS] = number
                number += 1
            except (http.client.HTTPException, OSError):
                killer.join()
                process.wait()
                kills += 1
                found = numbers_in(file)
                answer_lost = [*expected[: number % SLOTS], number, *expected[number % SLOTS + 1 :]]
                assert found in (expected, answer_lost)
                number += found != expected
                expected = found
                process, port = start(file)
    finally:
        killer.cancel()
        process.kill()
        process.wait()
    assert numbers_in(file) == expected
