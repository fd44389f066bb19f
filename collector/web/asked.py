"""What somebody asks of the lists of posts, by a form or in an address: read, and written into addresses again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from collector.digest.windows import local_time
from collector.storage.listing import Place, read_place
from collector.storage.narrowing import Order, Wanted
from collector.text.asking import read_query
from collector.text.cleaning import one_line
from collector.text.hashtags import normal_form
from collector.web.refusing import Refusal

NAMES = ("q", "hashtag", "network", "language", "author", "since", "until", "order")
_LONGEST = 200  # characters of one field
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The fields as they were typed, and what they mean."""

    fields: Mapping[str, str]  # those that are filled in
    wanted: Wanted
    fault: str = ""  # the sentence for what could not be understood; then nothing is looked for

    @property
    def is_search(self) -> bool:
        """Whether words are looked for."""
        return bool(self.fields.get("q"))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but words is asked."""
        return bool(self.fields.keys() - {"q"})

    def at(self, address: str, after: Place | None = None) -> str:
        """The same asked of a page, from a place in the list on."""
        told = dict(self.fields) | ({"after": str(after)} if after else {})
        return f"{address}?{urlencode(told)}" if told else address


def read_asked(query: Mapping[str, str], zone: ZoneInfo) -> Asked:
    """What a query of an address asks. Whatever it is, it can be shown in the form again."""
    fields = {name: told for name in NAMES if (told := one_line(query.get(name, ""))[:_LONGEST].strip())}
    try:
        since, until = _day(fields.get("since")), _day(fields.get("until"))
    except ValueError:
        return Asked(fields=fields, wanted=Wanted(), fault="wrong_date")
    terms = read_query(fields.get("q", ""))
    wanted = Wanted(
        terms=terms,
        hashtag=normal_form(fields["hashtag"]) if "hashtag" in fields else None,
        network=fields.get("network"),
        language=fields.get("language"),
        author=fields.get("author"),
        since=local_time(since, time(), zone) if since else None,
        until=local_time(until + timedelta(days=1), time(), zone) if until else None,
        order=Order.BEST if fields.get("order") == Order.BEST else Order.NEWEST,
    )
    return Asked(fields=fields, wanted=wanted, fault="no_words" if fields.get("q") and not terms else "")


def read_after(query: Mapping[str, str]) -> Place | None:
    """Where the page begins; Refusal (404) for what is no place in a list."""
    if not (told := query.get("after")):
        return None
    try:
        return read_place(told)
    except ValueError:
        raise Refusal(404) from None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    if not _DAY.fullmatch(text) or not "1000" <= text[:4] <= "9998":
        raise ValueError("not a day")
    return date.fromisoformat(text)
