"""Files brought into the tables: sifted, idempotent, history, and never a flood."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from collecting import Clock, collecting, keep, publishing, rows
from making import NOW, make_post

from collector.app import App
from collector.archives.files import ArchiveFile
from collector.archives.protocol import Entry
from collector.archives.recognising import find_format
from collector.archives.tweets import told_by_id
from collector.importing import ImportReport, topics_of
from collector.mailing.rounds import close_due
from collector.mailing.showing import find_shown

TOPICS = {"notcoproduction": frozenset({"notcoproduction", "notcopro"}), "other": frozenset({"other"})}


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    with collecting(tmp_path, clock=clock) as app:
        yield app


def tweet(number: int, **changes: Any) -> dict[str, Any]:
    """A tweet as twarc2 keeps it, one a line."""
    values: dict[str, Any] = {
        "id": str(1_330_000_000_000_000_000 + number),
        "author_id": "7",
        "created_at": "2020-11-21T09:41:00.000Z",
        "text": f"Example number {number}. #NotCoProduction",
        "entities": {"hashtags": [{"tag": "NotCoProduction", "start": 0, "end": 1}]},
        "author": {"id": "7", "username": "carys", "name": "Carys"},
    }
    return values | changes


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def bring_in(app: App, path: Path, hashtag: str | None = None, name: str | None = None) -> ImportReport:
    report = ImportReport()
    with ArchiveFile(path) as file:
        app.import_file(file, find_format(file, name), hashtag, report, lambda _: None)
    return report


@pytest.mark.parametrize(
    ("tags", "told", "expected"),
    [
        (("notcopro",), (), ("notcoproduction",)),
        (("notcoproduction", "other"), (), ("notcoproduction", "other")),
        ((), ("other",), ("other",)),
        ((), ("forgotten",), ()),
        (("elsewhere",), (), ()),
    ],
)
def test_a_post_counts_for_what_it_carries_and_for_what_its_file_says(
    tags: tuple[str, ...], told: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    from collector.model import Hashtag

    post = make_post(hashtags=tuple(Hashtag(normal=tag, display=tag) for tag in tags))
    assert topics_of(Entry(post=post, line=1, topics=told), TOPICS) == expected


def test_only_what_carries_the_hashtag_is_kept_and_the_rest_is_counted(app: App, tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", tweet(1), tweet(2, text="No tag.", entities={}), "{broken", tweet(3))
    report = bring_in(app, file)
    assert (report.read, report.new, report.known) == (3, 2, 0)
    assert report.left_out == Counter({"without the hashtag": 1})
    assert [row.line for row in report.unreadable] == [3]
    assert [row.network for row in rows(app)] == ["twitter", "twitter"]


def test_of_very_many_unreadable_rows_the_first_are_kept_and_all_are_counted(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.importing.TOLD", 3)
    report = bring_in(app, write(tmp_path / "t.jsonl", tweet(1), *["{broken"] * 9))
    assert (report.rejected, [row.line for row in report.unreadable]) == (9, [2, 3, 4])


def test_the_same_file_twice_changes_nothing(app: App, tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", *(tweet(number) for number in range(5)))
    assert bring_in(app, file).new == 5
    before = rows(app)
    report = bring_in(app, file)
    assert (report.new, report.changed, report.known) == (0, 0, 5)
    assert rows(app) == before


def test_a_file_that_holds_a_post_twice_in_other_words_settles(app: App, tmp_path: Path) -> None:

    file = write(
        tmp_path / "t.jsonl",
        tweet(1),
        *(tweet(number) for number in range(2, 1500)),
        tweet(1, text="Other. #NotCoProduction"),
    )
    bring_in(app, file)
    assert (bring_in(app, file).changed, len(rows(app))) == (0, 1499)


def test_an_import_that_was_stopped_goes_on_when_it_is_called_again(app: App, tmp_path: Path) -> None:
    file = write(tmp_path / "t.jsonl", *(tweet(number) for number in range(3_500)))
    report = ImportReport()
    with ArchiveFile(file) as opened:
        app.import_file(opened, find_format(opened, None), None, report, lambda _: app.stop.set())
    assert report.new == 1_000
    app.stop.clear()
    assert bring_in(app, file).new == 2_500
    assert len(rows(app)) == 3_500


def test_a_tweet_that_stood_inside_another_is_made_whole_by_its_own(app: App, tmp_path: Path) -> None:
    inside = tweet(1, text="A picture https://t.co/a #NotCoProduction")
    retweet = tweet(2, referenced_tweets=[{"type": "retweeted", **inside}])
    url = {"url": "https://t.co/a", "expanded_url": "https://blog.example/minutes", "start": 10, "end": 24}
    whole = tweet(1, text=inside["text"], entities={"urls": [url], "hashtags": [{"tag": "NotCoProduction"}]})
    file = write(tmp_path / "t.jsonl", retweet, *(tweet(number) for number in range(3, 1200)), whole)
    bring_in(app, file)
    (row,) = [row for row in rows(app) if row.uri.endswith("000001")]
    assert row.links == ("https://blog.example/minutes",)
    assert bring_in(app, file).changed == 0


def test_a_posts_edit_at_its_own_server_goes_before_a_file(tmp_path: Path, clock: Clock) -> None:
    with publishing(tmp_path, clock=clock) as app:
        keep(app, make_post())
        bring_in(app, export(app, tmp_path))
        keep(app, make_post(text="Edited. #notcoproduction", edited_at=NOW))
        bring_in(app, tmp_path / "export.csv")
        assert [row.text for row in rows(app)] == ["Edited. #notcoproduction"]


def export(app: App, folder: Path) -> Path:
    from collector.export import open_output, write
    from collector.storage.exporting import Selection, stream_posts

    path = folder / "export.csv"
    with app.database.read() as conn, open_output(str(path)) as out:
        write("csv", stream_posts(conn, Selection()), out)
    return path


def test_an_export_that_is_imported_elsewhere_gives_the_same_posts(tmp_path: Path, clock: Clock) -> None:
    posts = [
        make_post(1),
        make_post(2, text="=1+1 #notcoproduction"),
        make_post(3, published_at=NOW + timedelta(days=900)),
    ]
    with publishing(tmp_path, clock=clock) as app:
        keep(app, *posts)
        before, file = rows(app), export(app, tmp_path)
    clock.advance(days=30)
    (tmp_path / "elsewhere").mkdir()
    with collecting(tmp_path / "elsewhere", clock=clock) as other:
        assert bring_in(other, file).new == 3
        assert rows(other) == before


def test_the_places_that_showed_a_post_come_back_in_their_order(app: App, tmp_path: Path) -> None:
    row = {"network": "feed", "author_id": "a", "published_at": "2026-11-17T09:00:00Z", "text": "#notcoproduction"}
    seen = {"https://a.example/1": ["b"], "https://a.example/2": ["a", "c", "b"], "https://a.example/3": ["c", "a"]}
    lines = [row | {"uri": uri, "seen_on": on, "first_seen_at": "2026-11-17T10:00:00Z"} for uri, on in seen.items()]
    bring_in(app, write(tmp_path / "own.jsonl", *lines))
    assert {row.uri: list(row.seen_on) for row in rows(app)} == seen
    assert {row.first_seen_at.isoformat(timespec="milliseconds") for row in rows(app)} == {
        "2026-11-17T10:00:00.000+00:00"
    }


def test_what_is_imported_never_floods_a_digest(tmp_path: Path, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2026-11-02T09:00:00+00:00")
    with publishing(tmp_path, clock=clock) as app:
        for _ in range(3):
            close_due(app.mailer())
            clock.advance(days=7)
        old = [tweet(number, created_at="2026-11-10T09:00:00.000Z") for number in range(40)]
        running = tweet(99, created_at=(clock.now - timedelta(days=3)).isoformat())
        assert bring_in(app, write(tmp_path / "t.jsonl", *old, running)).new == 41
        close_due(app.mailer())
        with app.database.read() as conn:
            digest = find_shown(conn, app.settings, app.settings.series(None), "2026-W47", clock.now)
        sections = {section.name: len(section.posts) for section in digest.sections}
        assert (sections["late"], sections["top"] + sections["more"]) == (0, 1)


def edits(*versions: int) -> list[dict[str, Any]]:
    """One tweet as it was after each of its edits, a minute apart: every edit has a number of its own."""
    numbers = [str(1_600_000_000_000_000_000 + version * (1 << 22) * 60_000) for version in range(4)]
    return [
        tweet(
            0,
            id=numbers[version],
            created_at=str(told_by_id(numbers[version])),
            text=f"Version {version}. #NotCoProduction",
            edit_history_tweet_ids=numbers[1 : version + 1],
        )
        for version in versions
    ]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_all_edits_of_a_tweet_in_one_file_are_one_post_as_it_was_last(
    app: App, tmp_path: Path, order: tuple[int, ...]
) -> None:
    file = write(tmp_path / "t.jsonl", *edits(*order))
    bring_in(app, file)
    assert [row.text for row in rows(app)] == ["Version 3. #NotCoProduction"]
    again = bring_in(app, file)
    assert (again.new, again.changed, again.known) == (0, 0, 3)


def test_later_edits_are_the_tweet_that_is_there_whichever_comes_first(app: App, tmp_path: Path) -> None:
    bring_in(app, write(tmp_path / "one.jsonl", *edits(1)))
    file = write(tmp_path / "two.jsonl", *edits(3, 2))
    bring_in(app, file)
    assert [row.text for row in rows(app)] == ["Version 3. #NotCoProduction"]
    assert bring_in(app, file).changed == 0


def test_two_edits_of_a_tweet_that_is_there_for_another_topic_are_kept(tmp_path: Path, clock: Clock) -> None:
    with collecting(tmp_path, clock=clock, collector={"hashtags": ["older", "notcoproduction"]}) as app:
        (first,) = edits(1)
        tagged = {"entities": {"hashtags": [{"tag": "older", "start": 0, "end": 1}]}, "text": "#older"}
        bring_in(app, write(tmp_path / "one.jsonl", first | tagged))
        bring_in(app, write(tmp_path / "two.jsonl", *edits(2, 3)))
        assert [row.text for row in rows(app)] == ["Version 3. #NotCoProduction"]


def test_an_address_that_no_index_holds_is_a_row_that_cannot_be_read(app: App, tmp_path: Path) -> None:
    row = {"network": "feed", "author_id": "a", "published_at": "2026-11-17T09:00:00Z", "text": "#notcoproduction"}
    report = bring_in(app, write(tmp_path / "own.jsonl", row | {"uri": "https://a.example/" + "é" * 1_500}))
    assert (report.read, report.rejected, report.unreadable[0].line) == (0, 1, 1)
