"""Keys that have to be asked for: the role of a CVM, the identity of a pod (OIDC), another role (AssumeRole)."""

import json
import os
import threading
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from drilllib.clients.credentials import Credentials, Place, Source, profile_json
from drilllib.errors import InvalidInputError, Message

METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
METADATA_LIMIT_S = 2.0  # the SDK sets none, and off the cloud the name may not resolve for long
STS_REGION = "ap-guangzhou"
SESSION = "drill-capture"
_OIDC = ("TKE_REGION", "TKE_PROVIDER_ID", "TKE_WEB_IDENTITY_TOKEN_FILE", "TKE_ROLE_ARN")

# A call of sts: action, parameters, region, keys (None is unsigned); what came back, without the envelope.
Sts = Callable[[str, dict[str, Any], str, Credentials | None], Mapping[str, Any]]


def role_sources(sts: Sts) -> dict[Message, Source]:
    """The sources that ask, in the order in which they are tried."""
    return {Message("TKE pod identity"): lambda place: from_pod_identity(place, sts), Message("CVM role"): from_machine}


def from_machine(place: Place) -> Credentials | Message:
    """The role of the CVM that this runs on, as its metadata tell."""
    if not place.metadata:
        return Message("not asked")
    role = _fetched(place.metadata)
    if not role or "\n" in role.strip():
        return Message("no answer from the metadata")
    try:
        found = json.loads(_fetched(place.metadata + role.strip()) or "null")
        if found["Code"] != "Success" or float(found["ExpiredTime"]) <= place.now():
            return Message("the role has no keys")
        return Credentials(found["TmpSecretId"], found["TmpSecretKey"], found["Token"], "CVM role")
    except (ValueError, KeyError, TypeError):
        return Message("the metadata's answer cannot be read")


def _fetched(url: str) -> str | None:
    """What *url* answers in `METADATA_LIMIT_S`, the name's resolution included; None where nothing comes."""
    found: list[str] = []

    def fetch() -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(url, timeout=METADATA_LIMIT_S) as answer:
                found.append(answer.read(1 << 16).decode())
        except (OSError, ValueError):
            return

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    thread.join(METADATA_LIMIT_S)
    return found[0] if found else None


def from_pod_identity(place: Place, sts: Sts) -> Credentials | Message:
    """A pod's own identity, where TKE gives it one by four variables."""
    given = {name: place.environment.get(name, "") for name in _OIDC}
    missing = [name for name, value in given.items() if not value]
    if missing:
        return Message("{names} not set", names=missing[0])
    try:
        token = Path(given["TKE_WEB_IDENTITY_TOKEN_FILE"]).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return Message("{name} cannot be read", name="TKE_WEB_IDENTITY_TOKEN_FILE")
    parameters: dict[str, Any] = {
        "ProviderId": given["TKE_PROVIDER_ID"],
        "WebIdentityToken": token,
        "RoleArn": given["TKE_ROLE_ARN"],
    }
    parameters |= {"RoleSessionName": f"{SESSION}-{os.getpid()}", "DurationSeconds": 3600}
    return _temporary(
        lambda: sts("AssumeRoleWithWebIdentity", parameters, given["TKE_REGION"], None), "TKE pod identity"
    )


def assumed(own: Credentials, place: Place, sts: Sts, role: str = "") -> Credentials:
    """
    The keys of the role that the user asks for, by *role*, by Terraform's variables or in the profile; else *own*.

    Raises:
        InvalidInputError: The role cannot be had.
    """
    wanted, session = _wanted_role(own, place)
    wanted = role or wanted
    if not wanted:
        return own
    parameters = {"RoleArn": wanted, "RoleSessionName": session or SESSION, "DurationSeconds": 3600}
    found = _temporary(lambda: sts("AssumeRole", parameters, STS_REGION, own), f"role by {own.source}")
    if isinstance(found, Credentials):
        return found
    raise InvalidInputError(
        "The role that was asked for cannot be taken: {reason}",
        remedy="Look at its trust policy, or leave the role out",
        reason=found,
    )


def _wanted_role(own: Credentials, place: Place) -> tuple[str, str]:
    """The role and the name of the session that the settings name."""
    variables = ("TENCENTCLOUD_ASSUME_ROLE_ARN", "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME")
    arn, session = (place.environment.get(name, "").strip() for name in variables)
    path = place.home / ".tccli" / f"{place.profile_name}.credential"
    profile = profile_json(path) if own.source == str(path) else ""
    if not arn and isinstance(profile, dict):
        return str(profile.get("role-arn") or ""), str(profile.get("role-session-name") or "")
    return arn, session


def _temporary(ask: Callable[[], Mapping[str, Any]], source: str) -> Credentials | Message:
    try:
        found = ask()["Credentials"]
        return Credentials(found["TmpSecretId"], found["TmpSecretKey"], found["Token"], source)
    except (KeyError, TypeError):
        return Message("the answer of sts has no keys")
    except StsError as error:
        return Message("{error}", error=error)


class StsError(Exception):
    """sts refused; the text has its code and no secret."""
