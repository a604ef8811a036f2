"""
Keys for the vendor's API, from where its own tools look for them: the first source that has some is used.

Nothing is renewed or written. Roles, which have to be asked for, are in roles.py. Secrets are in no repr.
"""

import configparser
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drilllib.errors import DrillError, InvalidInputError, Message, listed, quoted

SYSTEM_FILE = Path("/etc/tencentcloud/credentials")
PREFIX = "TENCENTCLOUD_"


class NoCredentialsError(DrillError):
    """No source has keys that can be used; the message says which were looked at, and what was wrong."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key for the API. *token* belongs to temporary ones; *source* says where they are from."""

    secret_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    source: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be in nothing that is shown."""
        return tuple(filter(None, (self.secret_id, self.secret_key, self.token)))


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where to look: the *environment*, a *home* folder, the user's *profile* of tccli ("" is not said).

    *metadata* is the address of the CVM's metadata, "" asks nobody. *now* is the time in seconds since 1970.
    """

    environment: Mapping[str, str] = field(repr=False)
    home: Path
    profile: str = ""
    metadata: str = ""
    now: Callable[[], float] = time.time

    @property
    def profile_name(self) -> str:
        """The profile that tccli would take."""
        return self.profile or self.environment.get("TCCLI_PROFILE", "") or "default"

    @property
    def is_profile_named(self) -> bool:
        """Did the user name it, so that it comes before what lies around?"""
        return bool(self.profile or self.environment.get("TCCLI_PROFILE"))


Source = Callable[[Place], Credentials | Message]  # what was found, or why nothing was


def from_environment(place: Place) -> Credentials | Message:
    """`TENCENTCLOUD_SECRET_ID`, `_SECRET_KEY` and the token by tccli's or Terraform's name."""
    given = {name: place.environment.get(PREFIX + name, "").strip() for name in ("SECRET_ID", "SECRET_KEY")}
    missing = [PREFIX + name for name, value in given.items() if not value]
    if missing:
        return Message("{names} not set", names=listed(missing))
    token = place.environment.get(f"{PREFIX}TOKEN") or place.environment.get(f"{PREFIX}SECURITY_TOKEN") or ""
    return Credentials(given["SECRET_ID"], given["SECRET_KEY"], token.strip(), "environment")


def from_file(place: Place) -> Credentials | Message:
    """The SDK's file: section `default` of ~/.tencentcloud/credentials, or of the system's."""
    mine = place.home / ".tencentcloud" / "credentials"
    path = mine if mine.exists() else SYSTEM_FILE
    if not path.exists():
        return Message("no file {path}", path=mine)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"))
        section = {key: value.strip().strip("\"'") for key, value in parser.items("default")}
    except configparser.NoSectionError:
        return Message("{path} has no section [default]", path=path)
    except (OSError, ValueError, configparser.Error) as error:  # whose text quotes the line, with what stands in it
        return Message("{path} cannot be read ({error})", path=path, error=type(error).__name__)
    if not section.get("secret_id") or not section.get("secret_key"):
        return Message("{path} has no {one} or no {other}", path=path, one="secret_id", other="secret_key")
    return Credentials(section["secret_id"], section["secret_key"], section.get("token", ""), str(path))


def from_tccli(place: Place) -> Credentials | Message:
    """What `tccli configure`, `tccli auth login` or `tccli sso login` left, while it is valid."""
    path = place.home / ".tccli" / f"{place.profile_name}.credential"
    found = profile_json(path)
    if isinstance(found, Message):
        return found
    if found.get("type") == "cvm-role":
        return Message("{path} asks for the role of the machine", path=path)
    if _has_expired(found, place.now()):
        return Message("{path} has expired: renew it with tccli auth login or tccli sso login", path=path)
    if not found.get("secretId") or not found.get("secretKey"):
        return Message("{path} has no {one} or no {other}", path=path, one="secretId", other="secretKey")
    return Credentials(str(found["secretId"]), str(found["secretKey"]), str(found.get("token") or ""), str(path))


def _has_expired(found: Mapping[str, Any], now: float) -> bool:
    times = [part.get("expiresAt") for part in (found, found.get("oauth"), found.get("sso")) if isinstance(part, dict)]
    known = [float(each) for each in times if isinstance(each, int | float) and each > 0]
    return bool(known) and min(each / 1000 if each > 1e11 else each for each in known) <= now


def profile_json(path: Path) -> dict[str, Any] | Message:
    """A file of tccli's; a sentence where it cannot be used, in which nothing of it stands."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Message("no file {path}", path=path)
    except (OSError, ValueError, RecursionError) as error:
        return Message("{path} cannot be read ({error})", path=path, error=type(error).__name__)
    return found if isinstance(found, dict) else Message("{path} is no JSON object", path=path)


def region_of(place: Place) -> str:
    """The region that the user has set for the vendor's tools; "" where there is none."""
    told = place.environment.get(f"{PREFIX}REGION", "").strip()
    profile = profile_json(place.home / ".tccli" / f"{place.profile_name}.configure")
    settings = profile.get("_sys_param") if isinstance(profile, dict) else None
    kept = str(settings.get("region") or "") if isinstance(settings, dict) else ""
    return (kept or told) if place.is_profile_named else (told or kept)


def find_credentials(place: Place, roles: Mapping[Message, Source]) -> Credentials:
    """
    The first that a source has: the environment, the SDK's file, tccli's profile, then the *roles* by their names.

    A profile that was named comes first, and nothing else is taken in its place.

    Raises:
        NoCredentialsError: None has any.
        InvalidInputError: The profile that was named has none.
    """
    if place.is_profile_named:
        return _of_named_profile(place)
    told = []
    for name, source in _sources(roles):
        found = source(place)
        if isinstance(found, Credentials):
            return found
        told.append(Message("{source} ({why})", source=name, why=found))
    raise NoCredentialsError(
        "No keys for Tencent Cloud; looked at: {tried}",
        remedy=Message(
            "Set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or use --via tools with your own tccli, "
            "or see docs/capture.md"
        ),
        tried=listed(told),
    )


def _sources(roles: Mapping[Message, Source]) -> Iterator[tuple[Message, Source]]:
    yield Message("environment"), from_environment
    yield Message("file of the SDK"), from_file
    yield Message("tccli"), from_tccli
    yield from roles.items()


def _of_named_profile(place: Place) -> Credentials:
    found = from_tccli(place)
    if isinstance(found, Credentials):
        return found
    raise InvalidInputError(
        "The tccli profile {profile} has no keys to use: {reason}",
        remedy="Name another with --profile, or leave it out",
        profile=quoted(place.profile_name),
        reason=found,
    )
