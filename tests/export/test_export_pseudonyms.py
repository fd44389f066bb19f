"""What `--pseudonymise` makes of rows: nobody in them, and everybody still told apart."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import NOW
from making_export import make_export_row

from collector.export import select_columns, write
from collector.export.pseudonymising import People, pseudonymised
from collector.export.pseudonyms import Pseudonyms
from collector.model import ExportRow, KnownPerson

SECRET = b"the database's own"
CARYS = KnownPerson(
    key="carys@fedi.example", handle="carys@fedi.example", name="Carys 🌻 (she/her)", url="https://fedi.example/@carys"
)
RHYS = KnownPerson(
    key="rhys@social.example", handle="rhys@social.example", name="Rhys Jones", url="https://social.example/@rhys"
)
DAI = KnownPerson(
    key="did:plc:dai",
    handle="dai.example",
    name="Dai",
    url="https://bsky.app/profile/dai.example",
    past_handles=("dai.bsky.social",),
)
EVERYBODY = (CARYS, RHYS, DAI)


def only(row: ExportRow, *known: KnownPerson, secret: bytes = SECRET) -> ExportRow:
    (made,) = pseudonymised([row], People(known or EVERYBODY, Pseudonyms(secret)))
    return made


def person(key: str, secret: bytes = SECRET) -> str:
    return Pseudonyms(secret).person(key)


def test_a_row_keeps_what_was_said_and_loses_who_said_it() -> None:
    row = make_export_row(
        title="Carys on minutes",
        text="Carys here, with @rhys: https://blog.example/minutes #NotCoproduction",
        content_warning="by carys@fedi.example",
        author_name=CARYS.name,
        mentions=("rhys@social.example",),
        mention_urls=("https://social.example/@rhys",),
        links=("https://blog.example/minutes",),
        media_urls=("https://fedi.example/1.png",),
        media_types=("image",),
        media_alt_texts=("Rhys Jones and a table",),
        reply_to_uri="https://social.example/users/rhys/statuses/7",
        quote_of_uri="https://fedi.example/users/carys/statuses/1",
        also_at=("https://bsky.app/profile/carys.example/post/3k",),
        revisions=("Carys was here", ""),
        revision_titles=("", "Of Carys"),
        revision_content_warnings=("", ""),
        revisions_replaced_at=(NOW, NOW),
    )
    carys, rhys, post = person(CARYS.key), person(RHYS.key), Pseudonyms(SECRET).post
    assert only(row) == row._replace(
        uri=post(row.uri),
        url=None,
        author_id=carys,
        author_handle=carys,
        author_name="",
        author_url=None,
        title=f"{carys} on minutes",
        text=f"{carys} here, with @{rhys}: [address] #NotCoproduction",
        content_warning=f"by {carys}",
        mentions=(rhys,),
        links=(),
        media_urls=(),
        media_alt_texts=(f"{rhys} and a table",),
        reply_to_uri=post("https://social.example/users/rhys/statuses/7"),
        quote_of_uri=post(row.uri),
        also_at=(),
        revisions=(f"{carys} was here", ""),
        revision_titles=("", f"Of {carys}"),
    )


def test_an_answer_still_leads_to_what_it_answers_and_nothing_to_nothing() -> None:
    first, second = make_export_row(uri="https://a.example/1"), make_export_row(reply_to_uri="https://a.example/1")
    people = People(EVERYBODY, Pseudonyms(SECRET))
    one, other = pseudonymised([first, second], people)
    assert other.reply_to_uri == one.uri != other.uri
    assert (one.reply_to_uri, one.quote_of_uri) == (None, None)


@pytest.mark.parametrize(
    ("handle", "url", "owner"),
    [
        ("rhys@social.example", "https://social.example/@rhys", RHYS.key),
        ("Rhys@Social.Example", None, RHYS.key),
        ("dai.example", "https://bsky.app/profile/did:plc:dai", DAI.key),
        ("dai.bsky.social", None, DAI.key),  # the handle of before
        ("whatever.example", "https://bsky.app/profile/did:plc:dai", DAI.key),  # a handle of later
        ("new.example", "https://bsky.app/profile/did:plc:new", "did:plc:new"),  # nobody known: the key they would have
        ("Mo@far.example", "https://far.example/@mo", "mo@far.example"),
        ("mo@fär.example", None, "mo@xn--fr-via.example"),
    ],
)
def test_somebody_mentioned_has_the_pseudonym_of_their_own_posts(handle: str, url: str | None, owner: str) -> None:
    row = make_export_row(mentions=(handle,), mention_urls=(url,), text=f"Dear @{handle}")
    made = only(row)
    assert made.mentions == (person(owner),)
    assert made.text == f"Dear @{person(owner)}"


def test_a_handle_that_changed_hands_is_its_owner_s_of_today() -> None:
    before = KnownPerson(key="old", handle="other@x.example", name="", url=None, past_handles=("carys@fedi.example",))
    for known in ([before, CARYS], [CARYS, before]):
        assert only(make_export_row(text="by carys@fedi.example", author_id="a", author_handle="a@b"), *known).text == (
            f"by {person(CARYS.key)}"
        )


def test_a_name_that_several_have_stands_for_nobody_in_particular() -> None:
    another = KnownPerson(key="rhys2@x.example", handle="rhys2@x.example", name="Rhys Jones", url=None)
    assert only(make_export_row(text="Rhys Jones came"), RHYS, another).text == "[person] came"


def test_a_name_is_found_however_its_accents_and_apostrophes_are_written() -> None:
    zoe = KnownPerson(key="z@x.example", handle="z@x.example", name="Zoë O’Brien", url=None)
    row = make_export_row(text="Zoe\u0308 O'Brien", revisions=("Zoë O’Brien",), author_id="a", author_handle="a@b")
    made = only(row, zoe)
    assert (made.text, made.revisions) == (person(zoe.key), (person(zoe.key),))


def test_a_source_that_is_called_after_a_person_is_not_any_more() -> None:
    mair = KnownPerson(key="mair@x.example", handle="mair@x.example", name="", url="https://mair.example/")
    made = only(make_export_row(source="dai.example", seen_on=("our server", "Mair.example")), DAI, mair)
    assert (made.source, made.seen_on) == (person(DAI.key), ("our server", person(mair.key)))


def test_nobody_outside_can_make_the_pseudonyms_and_every_database_has_its_own() -> None:
    assert person(CARYS.key) == person(CARYS.key)
    assert person(CARYS.key) != person(CARYS.key, b"another database's")
    assert Pseudonyms(SECRET).post("x").removeprefix("post-") != person("x").removeprefix("person-")


@given(st.sets(st.text(), min_size=2))
def test_two_people_never_share_a_pseudonym_and_everybody_keeps_theirs(keys: set[str]) -> None:
    made = {key: person(key) for key in keys}
    assert len(set(made.values())) == len(keys)
    again = Pseudonyms(SECRET)
    assert {key: again.person(key) for key in reversed(list(keys))} == made


# Whoever writes and whatever they write about whomever: people whose names occur in nothing else.

_SYLLABLES = st.sampled_from("bax dov fyg gwim hux jov kyp lwz myx nuv pwj qiv ryx syv tuj vaz wux xop yuk zib".split())  # noqa: SIM905
_WORD = st.lists(_SYLLABLES, min_size=2, max_size=3).map("".join)
_NAME = st.lists(_WORD.map(str.capitalize), min_size=1, max_size=3).map(" ".join)


@dataclass(frozen=True)
class Somebody:
    known: KnownPerson
    network: str

    @property
    def leads_to(self) -> str:
        """Where a mention of them does."""
        return f"https://bsky.app/profile/{self.known.key}" if self.network == "bluesky" else str(self.known.url)

    @property
    def traces(self) -> list[str]:
        """What nobody may find."""
        return [self.known.handle, self.known.key, self.known.name, str(self.known.url)]

    @property
    def spellings(self) -> list[str]:
        """How texts call them."""
        handle, url = self.known.handle, str(self.known.url)
        shown = [f"@{handle}", handle, f"@{handle.upper()}", f"＠{handle}", url, f"{url}.", url.partition("://")[2]]
        return [*shown, self.known.name, f"({self.known.name})", f"{self.known.name}'s", f"{url}/123?x=y"]


@st.composite
def somebody(draw: st.DrawFn) -> Somebody:
    user, host, name = draw(_WORD), draw(_WORD), draw(_NAME)
    if draw(st.booleans()):
        handle = f"{user}.{host}.example"
        url = f"https://bsky.app/profile/{handle}"
        return Somebody(KnownPerson(key=f"did:plc:{user}{host}", handle=handle, name=name, url=url), "bluesky")
    handle = f"{user}@{host}.example"
    url = f"https://{host}.example/@{user}"
    return Somebody(KnownPerson(key=handle, handle=handle, name=name, url=url), "fediverse")


@st.composite
def rows_by(draw: st.DrawFn, people: Sequence[Somebody]) -> ExportRow:
    author, spoken_to = draw(st.sampled_from(people)), draw(st.lists(st.sampled_from(people), max_size=2))
    plain = st.sampled_from(["the ramp", "is a step", "#notcoproduction", "10:30,", "no. then", "🌻", "\n\n", "e.g."])
    called = st.sampled_from([spelling for each in people for spelling in each.spellings])
    addresses = st.sampled_from([f"https://x.example/{each.known.handle}" for each in people])
    said = st.lists(plain | called | addresses, max_size=8).map(" ".join)
    known = author.known
    return make_export_row(
        network=author.network,
        source=draw(st.sampled_from(["our server", known.handle])),
        uri=f"https://x.example/{known.handle}/{draw(st.integers(0, 99))}",
        url=f"{known.url}/7",
        author_id=known.key,
        author_handle=known.handle,
        author_name=known.name,
        author_url=known.url,
        title=draw(said),
        text=draw(said),
        content_warning=draw(said),
        mentions=tuple(each.known.handle for each in spoken_to),
        mention_urls=tuple(each.leads_to for each in spoken_to),
        links=(f"{known.url}/links",),
        media_urls=(f"{known.url}/1.png",),
        media_types=("image",),
        media_alt_texts=(draw(said),),
        reply_to_uri=f"https://x.example/{draw(st.sampled_from(people)).known.handle}/1",
        also_at=(f"{known.url}/8",),
        seen_on=(known.handle,),
        revisions=(draw(said),),
        revision_titles=(draw(said),),
        revision_content_warnings=(draw(said),),
        revisions_replaced_at=(NOW,),
    )


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[Somebody], list[ExportRow]]:
    people = draw(st.lists(somebody(), min_size=1, max_size=4, unique_by=lambda each: each.known.key))
    return people, draw(st.lists(rows_by(people), min_size=1, max_size=4))


def written(rows: Iterable[ExportRow], format_name: str, **how: bool) -> str:
    out = io.BytesIO()
    write(format_name, rows, out, select_columns(None, with_revisions=True), **how)
    return out.getvalue().decode()


@given(collections(), st.sampled_from(["csv", "csv --for-excel", "jsonl"]))
def test_no_handle_name_or_address_of_anybody_is_left_in_any_cell(
    collected: tuple[list[Somebody], list[ExportRow]], format_name: str
) -> None:
    people, rows = collected
    made = pseudonymised(rows, People([each.known for each in people], Pseudonyms(SECRET)))
    is_for_excel = format_name == "csv --for-excel"
    text = written(made, format_name.partition(" ")[0], for_excel=is_for_excel)
    left = [trace for each in people for trace in each.traces if trace.lower() in text.lower()]
    assert left == []
    for row in rows:
        for trace in (row.uri, row.url, *row.links, *row.media_urls, *row.also_at):
            assert str(trace) not in text


@given(collections())
def test_who_wrote_the_same_wrote_the_same_in_every_format_and_export(
    collected: tuple[list[Somebody], list[ExportRow]],
) -> None:
    people, rows = collected
    known = [each.known for each in people]

    def authors(order: list[KnownPerson], format_name: str) -> list[tuple[str, str]]:
        text = written(pseudonymised(rows, People(order, Pseudonyms(SECRET))), format_name)
        read: list[Any] = (
            list(csv.DictReader(io.StringIO(text, newline="")))
            if format_name == "csv"
            else [json.loads(line) for line in text.splitlines()]
        )
        return [(row["author_id"], row["uri"]) for row in read]

    told = authors(known, "csv")
    assert told == authors(known[::-1], "jsonl")
    assert told == [(person(row.author_id), Pseudonyms(SECRET).post(row.uri)) for row in rows]
    assert len({key for key, _ in told}) == len({row.author_id for row in rows})


@given(collections())
def test_hashtags_and_what_names_nobody_stay(collected: tuple[list[Somebody], list[ExportRow]]) -> None:
    people, rows = collected
    made = list(pseudonymised(rows, People([each.known for each in people], Pseudonyms(SECRET))))
    for before, after in zip(rows, made, strict=True):
        for plain in ("the ramp", "is a step", "#notcoproduction", "10:30,", "no. then", "🌻", "e.g."):
            assert before.text.count(plain) == after.text.count(plain)
