"""A URL that a user names: read strictly, since what two readers see in it may differ."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from dailies.domain.errors import UrlRefused

HTTPS_PORT = 443
_MAX_LENGTH = 8192
# RFC 1035, and the underscore that some hosts have all the same.
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
# What WHATWG's URL standard takes for an IPv4 address: getaddrinfo does, too.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class WebUrl:
    """``host`` is a name in ASCII, or an address without brackets; ``target`` is path and query, quoted."""

    host: str
    port: int
    target: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}{'' if self.port == HTTPS_PORT else f':{self.port}'}{self.target}"

    @property
    def shown(self) -> str:
        """Without the query, which may hold a secret: for messages, logs and documents."""
        return str(self).partition("?")[0]

    @property
    def file_name(self) -> str:
        """What the path calls the file; the host's name where it calls it nothing."""
        return unquote(self.target.partition("?")[0]).rstrip("/").rpartition("/")[2] or self.host

    def join(self, location: str, ports: Collection[int]) -> WebUrl:
        """Where a redirect leads to. Raises UrlRefused."""
        try:
            joined = urljoin(str(self), location)
        except ValueError as error:
            raise _invalid() from error
        return parse_url(joined, ports)


def is_url(text: str) -> bool:
    """Whether the text is meant as a URL rather than as a file's name."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def parse_url(text: str, ports: Collection[int] = (HTTPS_PORT,)) -> WebUrl:
    """Read an https URL to one of the ``ports``; a fragment is dropped.

    Raises UrlRefused: ``url_invalid``, ``url_scheme``, ``url_credentials``, ``url_port``, ``url_address`` for an IP
    address that is not written in the usual way.
    """
    # A backslash, a space or a line's end is read in as many ways as there are readers.
    if len(text) > _MAX_LENGTH or "\\" in text or any(not char.isprintable() or char.isspace() for char in text):
        raise _invalid()
    try:
        split = urlsplit(text)
        port = split.port
    except ValueError as error:
        raise _invalid() from error
    if split.scheme != "https":
        raise UrlRefused("Only https URLs are fetched: name one that begins with https://.", code="url_scheme")
    if "@" in split.netloc:
        raise UrlRefused("A URL with a user name or password is not fetched: leave them out.", code="url_credentials")
    host = _host(split)
    if port is None:
        port = HTTPS_PORT
    if port not in ports:
        raise UrlRefused(f"Port {port} is not fetched from: leave the port out of the URL.", code="url_port")
    query = f"?{split.query}" if split.query else ""
    return WebUrl(host, port, quote((split.path or "/") + query, safe=_SAFE))


def _host(split: SplitResult) -> str:
    host = split.hostname or ""
    if "[" in split.netloc:
        try:
            address = IPv6Address(host)
        except AddressValueError as error:
            raise _invalid() from error
        if address.scope_id is not None:
            raise _invalid()
        return str(address)
    try:
        # What looks like a letter or a digit becomes one: ①②⑦ is 127.
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise _invalid() from error
    if not _NAME.fullmatch(name):
        raise _invalid()
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            return str(IPv4Address(name))
        except AddressValueError as error:
            raise UrlRefused(
                "This IP address is not written as four decimal numbers: name the host.", code="url_address"
            ) from error
    return name


def _invalid() -> UrlRefused:
    return UrlRefused("This is no URL: check it, and write it as a browser shows it.", code="url_invalid")
