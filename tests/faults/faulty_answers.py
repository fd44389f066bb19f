"""Faults that are answers of HTTP: refusals, servers out of order, limits, redirects."""

from __future__ import annotations

from collections.abc import Callable

from faults import HTML, SERVERS, WEB_PAGE, Fault, answers, echoes, spread, with_body
from gate import Call, Happens, bytes_of

from collector.demo.server import Answer
from collector.errors import Condition

UNREADABLE, SERVER_FAULT, RATE_LIMITED = Condition.UNREADABLE, Condition.SERVER_FAULT, Condition.RATE_LIMITED
NO_SUCH_API, DISABLED, REFUSED = Condition.NO_SUCH_API, Condition.FEED_DISABLED, Condition.REFUSED_ADDRESS
TOKEN, BAD_TOKEN = Condition.NEEDS_TOKEN, Condition.BAD_TOKEN

REFUSALS = {
    **{
        f"{status} with words": Fault(says=UNREADABLE, words=str(status), happens=echoes(status))
        for status in (300, 400, 406, 418, 422, 451)
    },
    **{
        f"{status} without a word": Fault(says=UNREADABLE, words=str(status), happens=answers(status))
        for status in (300, 400, 402, 418, 421, 425)
    },
}

# What says that something is kept to members, or not there: each kind has its own way to go on from there.
CLOSED = {
    "401 with words": Fault(says=BAD_TOKEN, but={"wordpress": DISABLED, "rss": TOKEN}, rounds=3, happens=echoes(401)),
    "401 with a web page": Fault(
        says=BAD_TOKEN, but={"wordpress": DISABLED, "rss": TOKEN}, rounds=3, happens=answers(401, WEB_PAGE, HTML)
    ),
    "403 with words": Fault(
        says=BAD_TOKEN, but={"wordpress": DISABLED, "bluesky": UNREADABLE, "rss": TOKEN}, happens=echoes(403)
    ),
    "403 with a web page": Fault(
        says=UNREADABLE, but={"wordpress": DISABLED}, words="403", happens=answers(403, WEB_PAGE, HTML)
    ),
    **{
        f"{status} with {what}": Fault(says=NO_SUCH_API, words=str(status), happens=happens)
        for status in (404, 405, 410)
        for what, happens in (("words", echoes(status)), ("a web page", answers(status, WEB_PAGE, HTML)))
    },
    "304 without being asked": Fault(
        says=UNREADABLE, places=frozenset(SERVERS) - {"rss"}, words="304", happens=answers(304)
    ),
}

OUT_OF_ORDER = {
    **{
        f"{status} with words": Fault(says=SERVER_FAULT, words=str(status), happens=echoes(status))
        for status in (408, 500, 501, 502, 503, 504, 507, *range(520, 528), 530, 999)
    },
    **{
        f"{status} with a web page": Fault(
            says=SERVER_FAULT, words=str(status), happens=answers(status, WEB_PAGE, HTML)
        )
        for status in (500, 502, 503, 504, 522)
    },
}

EMPTY = {
    "204": Fault(says=UNREADABLE, happens=answers(204)),
    "205": Fault(says=UNREADABLE, happens=answers(205)),
    "206 with the first half": Fault(
        says=UNREADABLE, but={"rss": Condition.HALF_FEED}, happens=with_body(lambda body: body[: len(body) // 2])
    ),
}


def limited(wait: float | None, **headers: str) -> Fault:
    """Asks to be left alone for so many seconds, or says no time that means anything."""
    return Fault(says=RATE_LIMITED, wait=wait, happens=echoes(429, **headers))


_WRONG_CLOCK = {"Date": "Sun, 01 Nov 2026 10:00:00 GMT"}  # whatever time it is, half an hour later is half an hour

LIMITS = {
    "429 without a word": limited(None),
    "429, after seconds": limited(1800, Retry_After="1800"),
    "429, after seconds told twice": limited(1800, Retry_After="1800, 1800"),
    "429, after a date": limited(1800, Retry_After="Sun, 01 Nov 2026 10:30:00 GMT", **_WRONG_CLOCK),
    "429, after a date that is past": limited(None, Retry_After="Mon, 23 Nov 2020 07:00:00 GMT"),
    "429, after nonsense": limited(None, Retry_After="when we are ready"),
    "429, after less than nothing": limited(None, Retry_After="-1800"),
    "429, after nothing": limited(None, Retry_After="0"),
    "429, after years": limited(86_400, Retry_After="999999999"),
    "429, after 5,000 digits": limited(None, Retry_After="9" * 5000),
    "429, after the year 9999": limited(86_400, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
    "429, until an instant": limited(1800, X_RateLimit_Reset="2026-11-01T10:30:00.000Z", **_WRONG_CLOCK),
    "429, until a number of seconds": limited(1800, X_RateLimit_Reset="1793529000", **_WRONG_CLOCK),
    "429, until a number of milliseconds": limited(1800, X_RateLimit_Reset="1793529000000", **_WRONG_CLOCK),
    "429, until an instant that is past": limited(None, X_RateLimit_Reset="2020-01-01T00:00:00.000Z"),
    "429, until seconds from now": limited(1800, RateLimit_Reset="1800"),
    "503, after seconds": Fault(says=SERVER_FAULT, wait=1800, happens=echoes(503, Retry_After="1800")),
    "503, after nonsense": Fault(says=SERVER_FAULT, happens=echoes(503, Retry_After="soon")),
}


def leads_to(location: Callable[[Call], str], status: int = 302) -> Happens:
    """A redirect."""
    return lambda call: bytes_of(Answer(status=status), Location=location(call))


def redirect(says: Condition, words: str, location: Callable[[Call], str], status: int = 302) -> Fault:
    """Bluesky follows none: its password would go along."""
    return Fault(says=says, words=words, but={"bluesky": UNREADABLE}, happens=leads_to(location, status))


def _leads_to_a_portal(call: Call) -> bytes:
    """As the networks of hotels and trains do."""
    if call.request.headers["host"].startswith("portal."):
        return bytes_of(Answer(body=WEB_PAGE, headers=HTML))
    port = call.request.base.rpartition(":")[2]
    return bytes_of(Answer(status=302), Location=f"http://portal.example:{port}/login")


REDIRECTS = {
    "leads in a circle": redirect(UNREADABLE, "redirects", lambda call: call.request.path),
    "leads on and on": redirect(UNREADABLE, "redirects", lambda call: f"/further/{call.number}", 307),
    "leads into a private network": redirect(REFUSED, "redirects", lambda _: "http://10.0.0.1/admin"),
    "leads to this machine": redirect(REFUSED, "redirects", lambda _: "http://[::1]:8080/"),
    "leads to a cloud's own address": redirect(REFUSED, "redirects", lambda _: "http://169.254.169.254/latest", 301),
    "leads to a file": redirect(UNREADABLE, "redirects", lambda _: "file:///etc/passwd"),
    "leads to a name that is none": redirect(UNREADABLE, "redirects", lambda _: "http://xn--/"),
    "leads to what is no address": redirect(Condition.UNREACHABLE, "redirects", lambda _: "http://["),
    "leads nowhere": Fault(says=UNREADABLE, words="302", happens=answers(302)),
    "leads to a portal": Fault(
        says=NO_SUCH_API, but={"bluesky": UNREADABLE, "rss": NO_SUCH_API}, words="portal", happens=_leads_to_a_portal
    ),
}

AS_ANSWERS = {
    **spread(REFUSALS, 1),
    **CLOSED,
    **spread(OUT_OF_ORDER, 1),
    **EMPTY,
    **spread(LIMITS, 1),
    **spread(REDIRECTS, 2),
}
