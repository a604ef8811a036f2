"""Where the vendor's API is asked: the address of each service, and the region."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from drilllib.errors import InvalidInputError, quoted

DOMAIN = "tencentcloudapi.com"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Where the API is: one *address* for all services (`HOST:PORT`), or, where it is empty, one below *domain* for each.

    *scheme* is https but for an address of this machine.
    """

    domain: str = DOMAIN
    address: str = ""
    scheme: str = "https"

    def host(self, service: str) -> str:
        """The host of a service such as ``clb``, with its port where it is not the scheme's own."""
        return self.address or f"{service}.{self.domain}"

    @property
    def is_here(self) -> bool:
        """Is it on this machine, so that no proxy leads to it?"""
        return bool(self.address) and _is_loopback(urlsplit(f"//{self.address}").hostname or "")


def endpoint_of(environment: Mapping[str, str]) -> Endpoint:
    """
    The endpoint that `TENCENTCLOUD_ENDPOINT` (a URL, for all services) or `TENCENTCLOUD_DOMAIN` names.

    Raises:
        InvalidInputError: One cannot be used, or would send keys over the net without TLS.
    """
    url, domain = (environment.get(f"TENCENTCLOUD_{name}", "").strip() for name in ("ENDPOINT", "DOMAIN"))
    if url:
        return _one_address(url)
    if domain and not _HOST.fullmatch(domain):
        raise InvalidInputError(
            "TENCENTCLOUD_DOMAIN is {domain}, which is no domain",
            remedy="Name one such as intl.tencentcloudapi.com, without https://",
            domain=quoted(domain),
        )
    return Endpoint(domain or DOMAIN)


def _one_address(url: str) -> Endpoint:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.username is not None or parts.path not in ("", "/"):
        raise InvalidInputError(
            "TENCENTCLOUD_ENDPOINT is not a URL of a host alone",
            remedy="Give one such as https://clb.tencentcloudapi.com, without a path or a user",
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise InvalidInputError(
            "TENCENTCLOUD_ENDPOINT is {url}: without TLS only this machine is asked",
            remedy="Begin it with https://",
            url=quoted(url),
        )
    shown = f"[{host}]" if ":" in host else host
    return Endpoint(address=f"{shown}:{port}" if port else shown, scheme=parts.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
