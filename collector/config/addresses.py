"""The addresses in the configuration: servers, the contact, the database."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from collector.config.faults import shown
from collector.text.addresses import ascii_host, canonical_url, host_address
from collector.text.mailaddresses import Sender, normal_address, parse_sender

_HOST = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_PORT = re.compile(r"[0-9]{1,5}")
_LONGEST = 200  # characters of what stands in headers and, with a token behind it, in links: their lines have 998
_POSTGRESQL = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://")


def server_address(text: str) -> str:
    """`scheme://host[:port]`: lower case, punycode, the default port left out. ValueError for anything more or less.

    A user name or password in it is refused, and not repeated in the message.
    """
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _refusal("not a server's address", text)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _refusal("more than a server's address", text)
    host_name(parts.hostname)
    return host_address(text)


def page_address(text: str) -> str:
    """The canonical form of any web address, without a fragment; ValueError for anything else.

    A user name or password in it is refused, and not repeated in the message.
    """
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _refusal("not a web address", text)
    host_name(parts.hostname)
    return canonical_url(parts._replace(fragment="").geturl())


def host_name(text: str) -> str:
    """A name or IP address without scheme and port, in canonical form; ValueError where it is none."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        name = ascii_host(text)
    if not _HOST.fullmatch(name):
        raise _refusal("not a host's name", text)
    return name


@dataclass(frozen=True, kw_only=True, slots=True)
class Listen:
    """An address of this machine, and a port of it, that connections are taken at."""

    host: str  # an IP address
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """True where no other machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback


def listen_address(text: str) -> Listen:
    """`127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`; ValueError for anything else."""
    host, colon, port = text.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address("127.0.0.1" if bare == "localhost" else bare)
    except ValueError:
        raise _refusal("not an address to listen at", text) from None
    if not colon or (address.version == 6) != (bare != host):
        raise _refusal("not an address to listen at", text)
    if not _PORT.fullmatch(port) or not 0 < int(port) <= 65_535:
        raise _refusal("a port that is no number from 1 to 65535", text)
    return Listen(host=str(address), port=int(port))


def base_address(text: str) -> str:
    """`https://host[:port][/path]` without a slash at its end, a query or a fragment; ValueError for anything else.

    A user name or password in it is refused, and not repeated in the message.
    """
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _refusal("not a web address", text)
    if parts.query or parts.fragment:
        raise _refusal("more than the beginning of addresses", text)
    if len(text) > _LONGEST:
        raise _refusal(f"longer than {_LONGEST} characters", text)
    host_name(parts.hostname)
    return canonical_url(text).rstrip("/")


def contact_address(text: str) -> str:
    """`mailto:` and an e-mail address, or an `https://` page; ValueError where it is neither, or not ASCII.

    It is sent in a header, which holds nothing else.
    """
    if not text.isascii():
        raise _refusal("not in ASCII", text)
    if text.lower().startswith("mailto:"):
        return f"mailto:{mail_address(text[7:])}"
    parts = _split(text)
    if parts.scheme != "https" or not parts.hostname:
        raise _refusal("not a contact", text)
    if len(text) > _LONGEST:
        raise _refusal(f"longer than {_LONGEST} characters", text)
    return text


def mail_address(text: str) -> str:
    """The normal form of an e-mail address; ValueError where it is none."""
    try:
        return normal_address(text)
    except ValueError as error:
        raise ValueError(f"not an e-mail address: {shown(text)}") from error


def mail_sender(text: str) -> Sender:
    """`Name <address>` or the bare address; ValueError where it is neither."""
    try:
        return parse_sender(text)
    except ValueError as error:
        raise ValueError(f"not a sender: {shown(text)}") from error


def is_private_host(address: str) -> bool:
    """True for a server on this machine or in a private network, as far as its address alone tells."""
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def database_url(text: str, folder: Path) -> str:
    """The URL SQLAlchemy wants: SQLite's file made absolute within `folder`, PostgreSQL with its driver named.

    ValueError never repeats the text: it may hold a password.
    """
    if text.startswith("sqlite:///"):
        return _sqlite_url(text.removeprefix("sqlite:///"), folder)
    name = _POSTGRESQL.match(text)
    if name is None:
        raise ValueError("not a database this can use")
    try:
        _ = urlsplit(text).port  # reading it is what checks it
    except ValueError as error:
        raise ValueError("a port that is no number up to 65535") from error
    return "postgresql+psycopg://" + text[name.end() :]


def _sqlite_url(file: str, folder: Path) -> str:
    if not file.strip() or file == ":memory:":
        raise ValueError("a database in memory is gone when the command ends")
    path = (folder / file).as_posix()
    if "?" in path:
        raise ValueError('a "?" in the name of the file or its folder')
    return f"sqlite:///{path}"


def _split(text: str) -> SplitResult:
    """The parts of an address that holds no secret and no white space, its port checked."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it is what checks it
    except ValueError:
        raise _refusal("not an address", text) from None
    if "@" in parts.netloc:
        raise ValueError("a user name or password in an address")
    if not text.isprintable() or " " in text:
        raise _refusal("not an address", text)
    return parts


def _refusal(reason: str, text: str) -> ValueError:
    """The text is shown where no user name and password can be in it."""
    return ValueError(reason if "@" in text else f"{reason}: {shown(text)}")
