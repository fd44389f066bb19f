"""`export`, `digest`, `hide` and `unhide`: posts out."""

from __future__ import annotations

import csv
import email.policy
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from fediverse import FakeServer
from fediverse_posts import Status
from running import LAST_WEEK, Folder, now
from smtpserver import MailServer

from collector.digest.calendars import WEEKS
from collector.export import COLUMNS


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running


def week_of(at: datetime) -> str:
    return WEEKS.name_of(at.date())


def texts(folder: Folder, *more: str) -> list[str]:
    done = folder.call("export", "--format", "jsonl", "--columns", "text", *more)
    assert done.code == 0, done.err
    return [json.loads(line)["text"].removesuffix(" #notcoproduction") for line in done.out.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, server: FakeServer) -> Folder:
    """Lived through for two weeks, with an example of last week that is not in a digest yet."""
    folder = Folder(tmp_path, server)
    folder.live_at(now() - 2 * LAST_WEEK)
    server.publish("Last week's example.", at=now() - LAST_WEEK, language="cy")
    server.publish("This week's example.", at=now())
    assert folder.call("poll").code == 0
    return folder


def test_an_export_is_csv_on_standard_output(folder: Folder) -> None:
    done = folder.call("export")
    rows = list(csv.DictReader(io.StringIO(done.out, newline="")))
    assert done.err == ""
    assert done.out.endswith("\r\n")
    assert list(rows[0]) == [column.name for column in COLUMNS]
    assert [row["text"] for row in rows] == [
        "Last week's example. #notcoproduction",
        "This week's example. #notcoproduction",
    ]


def test_an_export_to_a_file_says_how_many_and_nothing_on_standard_output(folder: Folder) -> None:
    done = folder.call("export", "--output", "posts.csv")
    assert (done.out, done.err) == ("", "2 posts written to posts.csv\n")
    assert (folder.path / "posts.csv").read_bytes().count(b"\r\n") == 3
    assert folder.call("export", "--output", "-").out.encode() == (folder.path / "posts.csv").read_bytes()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", "{last}", "--until", "{today}"], ["Last week's example."]),
        (["--since", "{today}"], ["This week's example."]),
        (["--until", "{today}T00:00Z"], ["Last week's example."]),
        (["--hashtag", "#NotCoproduction"], ["Last week's example.", "This week's example."]),
        (["--source", "server 1"], ["Last week's example.", "This week's example."]),
        (["--network", "fediverse"], ["Last week's example.", "This week's example."]),
        (["--network", "bluesky"], []),
        (["--language", "cy"], ["Last week's example."]),
        (["--week", "{last_week}"], ["Last week's example."]),
        (["--week", "{this_week}", "--language", "cy"], []),
    ],
)
def test_each_filter_narrows_an_export(folder: Folder, options: list[str], expected: list[str]) -> None:
    names = {"today": f"{now():%Y-%m-%d}", "last": f"{now() - LAST_WEEK:%Y-%m-%d}"}
    weeks = {"last_week": week_of(now() - LAST_WEEK), "this_week": week_of(now())}
    assert texts(folder, *(option.format(**names, **weeks) for option in options)) == expected


def test_an_export_of_a_digest_holds_its_members(folder: Folder) -> None:
    week = week_of(now() - LAST_WEEK)
    refusal = folder.call("export", "--digest", f"weekly/{week}").refusal()
    assert refusal == f"no digest weekly/{week} was built; 'collector digest list' shows those there are"
    folder.call("digest", "send")
    assert texts(folder, "--digest", f"weekly/{week}") == ["Last week's example."]


def test_the_columns_are_those_that_are_asked_for_in_their_order(folder: Folder) -> None:
    done = folder.call("export", "--columns", "language,author_handle")
    assert done.out == 'language,author_handle\r\n"cy","asha@fedi.example"\r\n"en","asha@fedi.example"\r\n'


def test_for_excel_it_has_a_mark_and_formulas_are_texts_unless_raw(folder: Folder, server: FakeServer) -> None:
    server.publish("=1+1", at=now())
    folder.call("poll")
    assert folder.call("export", "--for-excel").out.startswith("\ufeffnetwork,")
    assert "\r\n\"'=1+1" in folder.call("export", "--columns", "text").out
    assert '\r\n"=1+1' in folder.call("export", "--columns", "text", "--raw-cells").out


def test_the_data_dictionary_is_csv_in_a_pipe_and_a_table_in_a_terminal(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    rows = list(csv.DictReader(io.StringIO(folder.call("export", "--data-dictionary").out, newline="")))
    assert [row["name"] for row in rows] == [column.name for column in COLUMNS]
    assert list(rows[0]) == ["name", "type", "meaning", "example"]
    code, shown = folder.in_terminal("export", "--data-dictionary", columns=100)
    assert code == 0
    assert shown.startswith("name ")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--columns", "text,nope"], 2, "nope"),
        (["--since", "yesterday"], 2, "--since: 'yesterday' is no date; accepted: a day such as 2026-11-16"),
        (["--until", "2026-02-30"], 2, "--until: '2026-02-30' is no date"),
        (["--since", "0001-01-01T00:00+14:00"], 2, "is no date"),
        (["--week", "2025-W53"], 2, "--week: 2025-W53 does not exist: 2025 has the weeks 2025-W01 to 2025-W52"),
        (["--week", "banana"], 2, "--week: 'banana' is not the name of a week"),
        (["--digest", "2026-W47"], 2, "--digest: '2026-W47' is no digest; accepted: SERIES/WEEK"),
        (["--digest", "weekly/2025-W53"], 2, "--digest: 2025-W53 does not exist"),
        (["--digest", "monthly/2026-W01"], 1, "no digest monthly/2026-W01 was built"),
        (["--hashtag", "other"], 1, "#other is not collected; the configuration has: notcoproduction"),
        (["--source", "elsewhere"], 1, "no source is called 'elsewhere'; there are: server 1"),
        (["--format", "jsonl", "--for-excel"], 2, "--for-excel and --raw-cells go with --format csv"),
    ],
)
def test_what_an_export_cannot_do_is_said_in_a_line(folder: Folder, options: list[str], code: int, said: str) -> None:
    assert said in folder.call("export", *options).refusal(code)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("nowhere/posts.csv", "nowhere/posts.csv: cannot be written: there is no folder"),
        ("folder", "folder: cannot be written: Is a directory"),
        ("/dev/full", "/dev/full: cannot be written: No space left on device"),
        ("collector.toml/posts.csv", "collector.toml/posts.csv: cannot be written: "),
    ],
)
def test_an_output_that_cannot_be_written_is_said_in_a_line(folder: Folder, output: str, said: str) -> None:
    (folder.path / "folder").mkdir()
    assert said in folder.call("export", "--output", output).refusal()


def test_what_is_hidden_is_in_no_export_and_no_digest_until_it_is_shown_again(folder: Folder) -> None:
    uri, url = json.loads(
        folder.call("export", "--format", "jsonl", "--columns", "uri,url").out.splitlines()[0]
    ).values()
    done = folder.call("hide", url)
    assert (done.code, done.out) == (0, f"hidden: {uri}\n")
    assert texts(folder) == ["This week's example."]
    assert "Last week's example." not in folder.call("digest", "show", "--week", week_of(now() - LAST_WEEK)).out
    assert "not shown: 1 hidden" in folder.call("status").out
    assert folder.call("poll").code == 0
    assert texts(folder) == ["This week's example."], "seen again it stays hidden"
    assert folder.call("unhide", uri).out == f"shown again: {uri}\n"
    assert len(texts(folder)) == 2


def test_an_author_is_hidden_with_everything(folder: Folder) -> None:
    assert folder.call("hide", "--author", "@Asha@fedi.example").out == "hidden: asha@fedi.example\n"
    assert texts(folder) == []
    assert folder.call("unhide", "--author", "asha@fedi.example").out == "shown again: asha@fedi.example\n"
    assert len(texts(folder)) == 2


@pytest.mark.parametrize("command", ["hide", "unhide"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "give either the URL of a post or --author HANDLE"),
        (["https://x.example/1", "--author", "a@b"], 2, "give either the URL of a post or --author HANDLE"),
        (["https://fedi.example/@asha/9"], 1, "no post with the address https://fedi.example/@asha/9 is known"),
        (["banana"], 1, "'banana' is no address of a post"),
        (["--author", "nobody@fedi.example"], 1, "no author 'nobody@fedi.example' is known; the column author_handle"),
    ],
)
def test_hiding_what_is_not_known_is_said_in_a_line(
    folder: Folder, command: str, arguments: list[str], code: int, said: str
) -> None:
    assert said in folder.call(command, *arguments).refusal(code)


def test_a_digest_is_shown_in_every_format_and_stays_unbuilt(folder: Folder) -> None:
    text = folder.call("digest", "show").out
    assert text.startswith("#notcoproduction, week ")
    html = folder.call("digest", "show", "--format", "html").out
    assert html.lower().startswith("<!doctype html")
    shown = folder.call("digest", "show", "--format", "json").json
    assert (shown["series"], shown["week"], shown["state"]) == ("weekly", week_of(now() - LAST_WEEK), "open")
    assert [post["text"] for section in shown["sections"] for post in section["posts"]] == [
        "Last week's example. #notcoproduction"
    ]
    eml = folder.call("digest", "show", "--format", "eml").out
    mail: Any = message_from_bytes(eml.encode(), policy=email.policy.default)
    assert mail["To"] == "me@example.org"
    assert "Last week's example." in mail.get_body(["plain"]).get_content()
    assert {line["state"] for line in folder.call("digest", "list", "--json").json["digests"]} <= {"open", "skipped"}


def test_a_week_that_is_asked_for_is_shown(folder: Folder) -> None:
    shown = folder.call("digest", "show", "--week", week_of(now()), "--format", "json").json
    assert shown["week"] == week_of(now())


@pytest.mark.parametrize("command", [["show"], ["send"], ["send", "--dry-run"], ["send", "--to", "you@example.org"]])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--week", "2025-W53"], "--week: 2025-W53 does not exist"),
        (
            ["--week", "banana"],
            "--week: 'banana' is not the name of a week, a day or a month",
        ),
        (["--week", "2026-11"], "--week: 2026-11 is no week, and series weekly is weekly"),
        (["--series", "monthly"], "--series: no series is called monthly; there are: weekly"),
    ],
)
def test_a_week_or_series_that_there_is_not_is_said_in_a_line(
    folder: Folder, command: list[str], options: list[str], said: str
) -> None:
    assert said in folder.call("digest", *command, *options).refusal(2)


def test_of_several_series_one_must_be_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with (tmp_path / "collector.toml").open("a", encoding="utf-8") as file:
        file.write('[[digest]]\nseries = "second"\n')
    folder.call("db", "upgrade")
    assert folder.call("digest", "show").refusal(2) == "--series: several series: name one of weekly, second"
    assert folder.call("digest", "show", "--series", "second").code == 0


def test_an_unfinished_week_is_not_sent(folder: Folder) -> None:
    for more in ([], ["--dry-run"], ["--to", "you@example.org"]):
        refusal = folder.call("digest", "send", "--week", week_of(now()), *more).refusal()
        assert refusal.startswith(f"week {week_of(now())} is not over: it ends on ")
    assert folder.mails == []


def test_a_digest_is_sent_once(folder: Folder) -> None:
    week = week_of(now() - LAST_WEEK)
    dry = folder.call("digest", "send", "--dry-run")
    assert dry.out == f"weekly/{week}: open, 1 post\nwould go to me@example.org\n"
    assert folder.mails == []
    assert folder.call("digest", "send").out == f"weekly/{week}: 1 sent\n"
    assert len(folder.mails) == 1
    again = folder.call("digest", "send")
    assert (again.code, again.out) == (0, f"weekly/{week}: built; nothing is owed\n")
    assert len(folder.mails) == 1
    listed = {line["week"]: line for line in folder.call("digest", "list", "--json").json["digests"]}
    assert listed[week].items() >= {"series": "weekly", "state": "built", "posts": 1, "sent": 1, "owed": 0}.items()
    assert listed[week]["starts_at"].endswith("T00:00:00Z")
    row = next(row for row in folder.call("digest", "list").rows if row["week"] == week)
    assert (row["state"], row["posts"], row["sent"], row["owed"], row["refused"]) == ("built", "1", "1", "0", "0")


def test_one_copy_to_one_address_leaves_no_trace(folder: Folder) -> None:
    done = folder.call("digest", "send", "--to", "you@example.org")
    assert (done.code, done.out) == (0, f"weekly/{week_of(now() - LAST_WEEK)}: 1 sent\n")
    assert len(folder.mails) == 1
    assert b"To: you@example.org" in folder.mails[0].read_bytes()
    assert all(line["sent"] == 0 for line in folder.call("digest", "list", "--json").json["digests"])


def test_an_address_that_is_none_is_the_command_lines_fault(folder: Folder) -> None:
    for nobody in ("nobody", ""):
        assert "--to: " in folder.call("digest", "send", "--to", nobody).refusal(2)


@pytest.mark.parametrize(
    ("answers", "accounts", "said"),
    [
        ({}, {"digest": "another"}, "refuses the log-in of digest: 535"),
        ({"MAIL": "550 5.7.1 not you"}, {"digest": "sesame"}, "refuses the sender: 550 5.7.1 not you"),
        ({"RCPT": "550 5.1.1 no such user"}, {"digest": "sesame"}, "refuses the recipient for good: 550 5.1.1"),
        ({"RCPT": "451 4.7.1 later"}, {"digest": "sesame"}, "refuses the recipient for now: 451 4.7.1 later"),
    ],
)
def test_a_mail_server_that_refuses_is_quoted_in_a_line_and_the_digest_is_kept(
    folder: Folder, answers: dict[str, str], accounts: dict[str, str], said: str
) -> None:
    with MailServer(accounts=accounts) as mail:
        mail.answers.update(answers)
        login = {"username": "digest", "password": "sesame"}
        folder.write(mail={"host": mail.host, "port": mail.port, "security": "none", **login})
        done = folder.call("digest", "send")
        assert done.code == 1
        assert said in done.err
        assert "sesame" not in done.err
        status = folder.call("status").out
        heading = "Needs a person" if "for good" in said else "Tried again by itself"
        assert f"{heading}:\n- weekly/" in status
        assert said in status
        mail.answers.clear()
        mail.accounts["digest"] = "sesame"
        is_final = "for good" in said
        assert folder.call("digest", "send").code == 0
        assert len(mail.messages) == (0 if is_final else 1)


def test_one_recipient_that_is_refused_harms_no_other(folder: Folder) -> None:
    with MailServer() as mail:
        folder.write(
            digest={"to": ["gone@example.org", "me@example.org"]},
            mail={"host": mail.host, "port": mail.port, "security": "none"},
        )
        mail.answers["gone@example.org"] = "550 5.1.1 no such user"
        done = folder.call("digest", "send")
        assert done.code == 1
        assert done.out == f"weekly/{week_of(now() - LAST_WEEK)}: 1 sent, 1 refused\n"
        assert [message.recipients for message in mail.messages] == [["me@example.org"]]


def test_who_sends_a_digest_that_pauses_is_told_what_goes_on_with_it(folder: Folder) -> None:
    with MailServer() as mail:
        server = {"host": mail.host, "port": mail.port, "security": "none", "most_refusals": 1}
        folder.write(digest={"to": [f"reader{n}@example.org" for n in range(4)]}, mail=server)
        mail.answers["RCPT"] = "451 4.7.1 later"
        done = folder.call("digest", "send")
        assert done.code == 1
        assert done.err.endswith("the rest waits for somebody who knows why: this command goes on with it\n")
        mail.answers.clear()
        assert folder.call("digest", "send").code == 0
        assert len(mail.messages) == 4


def test_without_addresses_it_says_that_nobody_is_there(folder: Folder) -> None:
    folder.write(digest={"to": []})
    done = folder.call("digest", "send")
    assert done.code == 0
    assert done.out.endswith(": built; nobody to send it to (no subscribers, and no 'to' in the configuration)\n")


def test_a_post_made_later_does_not_move_a_built_digest(folder: Folder, server: FakeServer) -> None:
    folder.call("digest", "send")
    late: Status = server.write("Late.", at=now() - LAST_WEEK + timedelta(minutes=1), author="x@far.example")
    server.fetch_late(late)
    folder.call("poll", "--deep")
    shown = folder.call("digest", "show", "--week", week_of(now() - LAST_WEEK), "--format", "json").json
    assert (shown["state"], shown["totals"]["posts"]) == ("built", 1)
    running = folder.call("digest", "show", "--week", week_of(now()), "--format", "json").json
    assert {section["name"]: len(section["posts"]) for section in running["sections"]} == {
        "top": 1,
        "comments": 0,
        "more": 0,
        "late": 1,
    }


@pytest.mark.parametrize("name", ["collector.db", "collector.db.forgotten", "collector.toml", "link"])
def test_an_export_never_takes_the_place_of_the_database_or_of_the_configuration(
    folder: Folder, tmp_path: Path, name: str
) -> None:
    (tmp_path / "link").symlink_to(folder.database)
    folder.call("forget", "--yes", "nobody@fedi.example")
    before = (tmp_path / name).read_bytes()
    assert "the collector's own file" in folder.call("export", "--output", name).refusal()
    assert (tmp_path / name).read_bytes() == before


def test_a_daily_and_a_monthly_series_are_named_by_their_days_and_months(folder: Folder) -> None:
    folder.write(digest={"series": "every-day", "cadence": "daily", "send_on": "00:00"})
    with (folder.path / "collector.toml").open("a", encoding="utf-8") as file:
        file.write('[[digest]]\nseries = "every-month"\ncadence = "monthly"\nto = ["me@example.org"]\n')
    day = f"{now() - LAST_WEEK:%Y-%m-%d}"
    sent = folder.call("digest", "send", "--series", "every-day", "--week", day)
    assert sent.out == f"every-day/{day}: 1 sent\n"
    shown = folder.call("digest", "show", "--series", "every-day", "--week", day, "--format", "json").json
    assert (shown["week"], shown["state"], len(shown["totals"]["by_day"])) == (day, "built", 1)
    assert len(texts(folder, "--digest", f"every-day/{day}")) == 1
    assert texts(folder, "--week", day) == texts(folder, "--digest", f"every-day/{day}")
    assert set(texts(folder, "--week", day)) <= set(texts(folder, "--week", day[:7]))
    month = folder.call("digest", "show", "--series", "every-month", "--week", day[:7], "--format", "json").json
    assert month["starts_at"] == f"{day[:7]}-01T00:00:00Z"
    refusal = folder.call("digest", "show", "--series", "every-month", "--week", day).refusal(2)
    told_why = f"{day} is no month, and series every-month is monthly: its digests have names such as 2026-11"
    assert refusal == f"--week: {told_why}"
    listed = folder.call("digest", "list", "--json").json["digests"]
    assert {line["week"] for line in listed if line["series"] == "every-month"} == {f"{now():%Y-%m}"}
    assert day in {line["week"] for line in listed if line["series"] == "every-day"}
    told = {series["name"]: series["week"] for series in folder.call("status", "--json").json["series"]}
    assert told["every-month"] == f"{now():%Y-%m}"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2026-02-29", "--week: 2026-02-29 does not exist: 2026-02 has the days 2026-02-01 to 2026-02-28"),
        ("2026-13", "--week: 2026-13 does not exist: 2026 has the months 2026-01 to 2026-12"),
    ],
)
def test_a_day_or_month_that_there_is_not_is_said_in_a_line(folder: Folder, name: str, told: str) -> None:
    for command in (["digest", "show"], ["digest", "send"], ["export"]):
        assert folder.call(*command, "--week", name).refusal(2).startswith(told)
