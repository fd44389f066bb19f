"""Faults of the line, of TLS, and of HTTP itself: before anybody knows what is asked."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from dataclasses import replace

from faults import WEB_PAGE, Fault, raw, spread, with_body
from gate import Call, Happens, bytes_of

from collector.demo.server import Answer
from collector.errors import Condition

DRIP = 0.02  # seconds between two bytes: a whole answer takes longer than any may
UNREACHABLE, UNREADABLE = Condition.UNREACHABLE, Condition.UNREADABLE


def _resets(call: Call) -> bytes:
    call.reset()
    return b""


def _resets_in_header(call: Call) -> bytes:
    call.send(b"HTTP/1.1 200 OK\r\nContent-Type: appl")
    call.reset()
    return b""


def _resets_in_body(call: Call) -> bytes:
    call.send(_all_but_its_end(call))
    call.reset()
    return b""


def _all_but_its_end(call: Call) -> bytes:
    return bytes_of(call.well())[:-10]


def _is_silent(call: Call) -> bytes:
    call.pause(30)
    return b""


def _is_silent_in_body(call: Call) -> bytes:
    call.send(_all_but_its_end(call))
    call.pause(30)
    return b""


def _drips(call: Call) -> bytes:
    return _dripped(call, bytes_of(call.well()))


def _drips_the_body(call: Call) -> bytes:
    head, mark, body = bytes_of(call.well()).partition(b"\r\n\r\n")
    call.send(head + mark)
    return _dripped(call, body)


def _promises_for_ever(call: Call) -> bytes:
    return _dripped(call, b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)


def _dripped(call: Call, content: bytes) -> bytes:
    for byte in content:
        call.send(bytes([byte]))
        if call.pause(DRIP):
            break
    return b""


def _answers_once(call: Call) -> bytes:
    """Says that it keeps the connection open, and hangs up at the next question."""
    call.send(bytes_of(call.well(), Connection="keep-alive"))
    call.line.recv(65536)
    return b""


NAMES = {
    "nobody listens": Fault(says=UNREACHABLE, words="connection refused", is_refused=True),
    "its name is not known": Fault(says=UNREACHABLE, words="its name is not known", lookup=socket.EAI_NONAME),
    "its name cannot be looked up": Fault(says=UNREACHABLE, words="looked up just now", lookup=socket.EAI_AGAIN),
}

LINE = {
    "hangs up at once": Fault(says=UNREACHABLE, words="broke off", greeting=b""),
    "hangs up when it is asked": Fault(says=UNREACHABLE, words="broke off", happens=raw(b"")),
    "resets when it is asked": Fault(says=UNREACHABLE, words="broke off", happens=_resets),
    "resets in the header": Fault(says=UNREACHABLE, words="broke off", happens=_resets_in_header),
    "hangs up in the header": Fault(says=UNREACHABLE, words="broke off", happens=raw(b"HTTP/1.1 200 OK\r\nServ")),
    "resets in the body": Fault(says=UNREACHABLE, words="broke off", happens=_resets_in_body),
    "hangs up in the body": Fault(says=UNREACHABLE, words="broke off", happens=_all_but_its_end),
    "speaks SSH": Fault(says=UNREACHABLE, words="does not speak HTTP", greeting=b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "speaks without a header": Fault(says=UNREACHABLE, words="does not speak HTTP", happens=raw(WEB_PAGE)),
    "speaks nonsense": Fault(says=UNREACHABLE, words="does not speak HTTP", happens=raw(bytes(range(256)) * 10)),
}

SLOW = {
    "says nothing": Fault(says=UNREACHABLE, words="in time", is_slow=True, happens=_is_silent),
    "falls silent in the body": Fault(says=UNREACHABLE, words="in time", is_slow=True, happens=_is_silent_in_body),
    "drips": Fault(says=UNREACHABLE, words="in time", is_slow=True, happens=_drips),
    "drips its body": Fault(says=UNREACHABLE, words="in time", is_slow=True, happens=_drips_the_body),
    "promises an answer for ever": Fault(says=UNREACHABLE, words="in time", is_slow=True, happens=_promises_for_ever),
}


def _plain_base(call: Call) -> str:
    return call.request.base.replace("https://", "http://")


TLS = {
    "vouches for itself": Fault(says=UNREACHABLE, words="not trusted (self", certificate="its own making"),
    "a stranger vouches for it": Fault(says=UNREACHABLE, words="not trusted", certificate="a stranger's"),
    "its certificate is over": Fault(says=UNREACHABLE, words="certificate has expired", certificate="over"),
    "its certificate is another's": Fault(says=UNREACHABLE, words="Hostname mismatch", certificate="another name"),
    "speaks TLS of twenty years ago": Fault(says=UNREACHABLE, words="speak TLS", certificate="old"),
    "speaks HTTP where TLS should be": Fault(
        says=UNREACHABLE, words="begins with http://", greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n"
    ),
    "hangs up in the handshake": Fault(says=UNREACHABLE, words="cannot be reached", greeting=b""),
    "hangs up in an encrypted body": Fault(says=UNREACHABLE, words="broke off", happens=_all_but_its_end),
    "leads to where nothing is encrypted": Fault(
        says=UNREADABLE,
        words="without encryption",
        happens=lambda call: bytes_of(Answer(status=302), Location=_plain_base(call) + "/"),
    ),
}


def framed(body: bytes | None = None, **headers: str | None) -> Happens:
    """What it would say if it were well (or this body), with other headers."""

    def happens(call: Call) -> bytes:
        well = call.well()
        return bytes_of(well if body is None else replace(well, body=body), **headers)

    return happens


def chunked(frame: Callable[[bytes], bytes]) -> Happens:
    """Its body in chunks that are framed so."""

    def happens(call: Call) -> bytes:
        well = call.well()
        head = bytes_of(replace(well, body=b""), Content_Length=None, Transfer_Encoding="chunked")
        return head + frame(well.body)

    return happens


def _chunk(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def _with_line(line: bytes) -> Happens:
    return lambda call: bytes_of(call.well()).replace(b"\r\n", b"\r\n" + line + b"\r\n", 1)


def _packed(call: Call, *, cut: int) -> bytes:
    packed = gzip.compress(call.well().body)
    return bytes_of(replace(call.well(), body=packed[: len(packed) - cut]), Content_Encoding="gzip")


def _promises_half(call: Call) -> bytes:
    return bytes_of(call.well(), Content_Length=str(len(call.well().body) // 2))


HTTP = {
    "promises too much": Fault(says=UNREACHABLE, words="broke off", happens=framed(Content_Length="99999")),
    "promises too little": Fault(says=UNREADABLE, but={"rss": Condition.HALF_FEED}, happens=_promises_half),
    "two lengths": Fault(says=UNREACHABLE, happens=_with_line(b"Content-Length: 3")),
    "a length below nothing": Fault(says=UNREACHABLE, happens=framed(Content_Length="-5")),
    "a length that is none": Fault(says=UNREACHABLE, happens=framed(Content_Length="much")),
    "chunks of no size": Fault(says=UNREACHABLE, happens=chunked(lambda body: b"zz\r\n" + body)),
    "chunks that end early": Fault(says=UNREACHABLE, happens=chunked(_chunk)),
    "chunks shorter than told": Fault(
        says=UNREACHABLE, happens=chunked(lambda body: b"fffff\r\n" + body + b"\r\n0\r\n\r\n")
    ),
    "chunks run together": Fault(says=UNREACHABLE, happens=chunked(lambda body: _chunk(body)[:-2] + b"0\r\n\r\n")),
    "a header without end": Fault(says=UNREACHABLE, happens=framed(X_Long="x" * 300_000)),
    "ten thousand headers": Fault(says=UNREACHABLE, happens=_with_line(b"X-One: of many\r\n" * 9_999 + b"X-Last: one")),
    "a header that is none": Fault(says=UNREACHABLE, happens=_with_line(b"no header")),
    "a header with NUL in it": Fault(says=UNREACHABLE, happens=framed(X_Odd="a\0b")),
    "a status that is no number": Fault(says=UNREACHABLE, happens=raw(b"HTTP/1.1 fine OK\r\n\r\n")),
    "switches protocols": Fault(says=UNREACHABLE, happens=raw(b"HTTP/1.1 101 Switching\r\n\r\n")),
    "hints early": Fault(
        says=Condition.OK, happens=lambda call: b"HTTP/1.1 103 Early Hints\r\n\r\n" + bytes_of(call.well())
    ),
    "one answer a connection": Fault(says=Condition.OK, happens=_answers_once),
    "gzip cut short": Fault(says=UNREADABLE, words="damaged", happens=lambda call: _packed(call, cut=12)),
    "gzip that is none": Fault(says=UNREADABLE, words="damaged", happens=framed(Content_Encoding="gzip")),
    "gzip that unpacks to a flood": Fault(
        says=UNREADABLE, words="more than", happens=framed(gzip.compress(b" " * 30_000_000), Content_Encoding="gzip")
    ),
    "gzip as it should be": Fault(says=Condition.OK, happens=lambda call: _packed(call, cut=0)),
    "a packing nobody asked for": Fault(says=UNREADABLE, words="not asked for", happens=framed(Content_Encoding="br")),
    "an answer without end": Fault(
        says=UNREADABLE, words="more than", happens=with_body(lambda body: body + b" " * 300_000)
    ),
    "another content type": Fault(says=Condition.OK, happens=framed(Content_Type="text/html; charset=utf-8")),
    "no content type": Fault(says=Condition.OK, happens=framed(Content_Type=None)),
}

ON_THE_LINE = {
    **NAMES,
    **spread(LINE, 2),
    **spread(SLOW, 2),
    **spread({name: replace(fault, is_encrypted=True) for name, fault in TLS.items()}, 2),
    **spread(HTTP, 1),
}
