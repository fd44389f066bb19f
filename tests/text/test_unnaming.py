from __future__ import annotations

import time

import pytest

from collector.text.names import Names, Strangers
from collector.text.unnaming import Cast, unnamed

CALLED = {
    "carys@fedi.example": "C",
    "https://fedi.example/@carys": "C",
    "dai.bsky.social": "D",
    "did:plc:dai": "D",
    "mair@fedi.example": "M",
    "https://mair.example": "M",
}
CAST = Cast(
    near={"carys@fedi.example": "C", "carys": "C", "rhys@social.example": "R", "rhys": "R"},
    names=Names({"Carys": "C", "Rhys Jones": "R"}),
    home="fedi.example",
    known=CALLED.get,
    of_handle=lambda handle: f"<{handle}>",
    strangers=Strangers({"Mair Price": "M"}),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They renamed the box.", "They renamed the box."),
        # handles
        ("@carys and @RHYS.", "@C and @R."),
        ("@rhys@social.example, @Carys@Fedi.Example!", "@R, @C!"),
        ("＠rhys＠social.example", "@R"),
        ("@mair of this server", "@M of this server"),
        ("@somebody here", "[person] here"),
        ("@mo@far.example: yes", "@<mo@far.example>: yes"),
        ("hello@rhys", "hello@R"),
        ("@dai.bsky.social and @did:plc:dai", "@D and @D"),
        ("「@rhys@social.example」", "「@R」"),
        ("rhys@social.example without an @", "R without an @"),
        ("at 5 @ home", "at 5 @ home"),
        ("@\u200brhys, @\u2068carys\u2069", "@R, @C\u2069"),
        # mail addresses
        ("mail me@carys.example, or mailto:me@carys.example?subject=x", "mail [address], or [address]"),
        ("acct:rhys@social.example", "R"),
        ("a..b@x.example", "[address]"),
        # web addresses
        ("see https://blog.example/a?b=c#d.", "see [address]."),
        ("(https://blog.example/a_(b))", "([address]))"),
        ("https://fedi.example/@carys and https://fedi.example/@carys/", "C and C"),
        ("https://fedi.example/@carys/1", "[address]"),
        ("fedi.example/@carys", "C"),
        ("HTTP://BLOG.EXAMPLE", "[address]"),
        ("見てhttps://blog.example/aです。", "見て[address]。"),
        (
            "www.blog.example blog.example/minu… news.blog.example, blog.example",
            "[address] [address]… [address], [address]",
        ),
        ("mair.example is mine", "M is mine"),
        ("dai.bsky.social is mine", "D is mine"),
        ("gemini://blog.example", "[address]"),
        ("BLOG.EXAMPLE, blog.xn--p1ai", "[address], [address]"),
        # Bluesky's
        ("at://did:plc:dai/app.bsky.feed.post/3k by at://did:plc:dai or did:plc:nobody", "[address] by D or [address]"),
        # what only looks like one
        ("The end.Then v1.2.3, 2.5/10, e.g. p.m. 17.11.2026", "The end.Then v1.2.3, 2.5/10, e.g. p.m. 17.11.2026"),
        ("He said: no. 10:30, a:b", "He said: no. 10:30, a:b"),
        # hashtags
        ("#carys #not.coproduction #a@rhys", "#carys #not.coproduction #a@R"),
        # names
        ("Carys, rhys jones and Mair Price: @rhys", "C, R and M: @R"),
        ("end.Carys", "end.C"),
        ("_Carys_ and _Mair Price_, #team_Carys", "_C_ and _M_, #team_Carys"),
        ("", ""),
    ],
)
def test_people_and_addresses_go_and_the_rest_stays(text: str, expected: str) -> None:
    assert unnamed(text, CAST) == expected


@pytest.mark.parametrize(
    "text",
    ["a.", "@", "a@", "#", "a-", "://", "a", ":", "Carys ", "www.", "did:a:", "é", "a.b/", "@a.", "Mair "],
    ids=repr,
)
def test_no_text_takes_long(text: str) -> None:
    def seconds(times: int) -> float:
        started = time.perf_counter()
        unnamed(text * times, CAST)
        return time.perf_counter() - started

    small = min(seconds(5_000) for _ in range(3))
    assert seconds(50_000) < 50 * small + 0.1
