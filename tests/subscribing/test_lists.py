"""The lists of other newsletter tools, as they come."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from making import NOW
from running import ROOT

from collector.errors import ArchiveError
from collector.subscribing.adding import Newcomer
from collector.subscribing.columns import ADDRESSES, DATES, SOURCES, STATUSES
from collector.subscribing.lists import Missing, OffTheList, ReaderList, Unreadable
from collector.subscribing.moments import read_moment, write_moment

DAY = datetime(2024, 1, 31, tzinfo=UTC)
GIVEN = Missing(source="by mail", date=DAY)


def read(path: Path, text: str | bytes, missing: Missing = GIVEN) -> list[tuple[int, str]]:
    """Each row's line, and who is to be added, why not, or that they are off the list."""
    file = path / "list.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    told = []
    for row in ReaderList(file, missing, ZoneInfo("UTC"), NOW):
        match row.told:
            case Newcomer(address=address, consent=consent):
                told.append((row.line, f"{address} {consent.given_at:%Y-%m-%d} {consent.source}"))
            case Unreadable(reason=reason):
                told.append((row.line, reason))
            case OffTheList():
                told.append((row.line, "off"))
    return told


MAILCHIMP = (
    '"Email Address","First Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME\r\n'
    '"Jo@example.org","Jo, B.",2,"2020-01-01 09:00:00",1.2.3.4,"2020-01-02 10:00:00"\r\n'
)
LISTS: dict[str, tuple[str | bytes, list[tuple[int, str]]]] = {
    "mailchimp": (MAILCHIMP, [(2, "Jo@example.org 2020-01-02 by mail")]),
    "mailchimp, those who left": (
        "Email Address,CONFIRM_TIME,UNSUB_TIME\njo@example.org,2020-01-02 10:00:00,2021-01-01 10:00:00\n",
        [(2, "off")],
    ),
    "ghost": (
        (
            "id,email,name,subscribed_to_emails,created_at\n"
            "1,jo@example.org,Jo,true,2021-05-06T07:08:09.000Z\n2,mo@example.org,Mo,false,2021-05-06T07:08:09.000Z\n"
        ),
        [(2, "jo@example.org 2021-05-06 by mail"), (3, "off")],
    ),
    "buttondown": (
        (
            "email_address,creation_date,type,source\njo@example.org,2021-05-06,regular,embedded_form\n"
            "mo@example.org,2021-05-06,unsubscribed,api\nbo@example.org,2021-05-06,unactivated,\n"
        ),
        [(2, "jo@example.org 2021-05-06 embedded_form"), (3, "off"), (4, "off")],
    ),
    "substack": (
        (
            "Email,Active Subscription,Start date,Email disabled\njo@example.org,false,2023-04-05T06:07:08.900Z,false\n"
            "mo@example.org,false,2023-04-05T06:07:08.900Z,true\n"
        ),
        [(2, "jo@example.org 2023-04-05 by mail"), (3, "off")],
    ),
    "listmonk": (
        (
            "uuid,email,name,attributes,status,created_at,updated_at\n"
            'a,jo@example.org,Jo,"{""x"": 1}",enabled,2022-02-03 04:05:06.789+00,2022-02-03 04:05:06.789+00\n'
            "b,mo@example.org,Mo,{},blocklisted,2022-02-03 04:05:06.789+00,2022-02-03 04:05:06.789+00\n"
        ),
        [(2, "jo@example.org 2022-02-03 by mail"), (3, "off")],
    ),
    "a spreadsheet in German": (
        "Name;E-Mail-Adresse;Anmerkung\r\nJürgen;jürgen@bücher.example;\r\n".encode("cp1252"),
        [(2, "jürgen@xn--bcher-kva.example 2024-01-31 by mail")],
    ),
    "UTF-16 with tabs": (
        "E-mail\tName\r\njo@example.org\tJo\r\n".encode("utf-16"),
        [(2, "jo@example.org 2024-01-31 by mail")],
    ),
    "a byte order mark": (b"\xef\xbb\xbfemail\njo@example.org\n", [(2, "jo@example.org 2024-01-31 by mail")]),
    "a header of its own": (
        "wer,wo\nJo,jo@example.org\nMo,mo@example.org\n",
        [(2, "jo@example.org 2024-01-31 by mail"), (3, "mo@example.org 2024-01-31 by mail")],
    ),
    "a cell that was guarded": ("email\n'+jo@example.org\n", [(2, "+jo@example.org 2024-01-31 by mail")]),
    "names with addresses": ("mail\nJo B <jo@example.org>\n", [(2, "jo@example.org 2024-01-31 by mail")]),
    "a line for spreadsheets": (
        b"\xef\xbb\xbfsep=;\r\nemail;name\r\njo@example.org;Jo\r\n",
        [(3, "jo@example.org 2024-01-31 by mail")],
    ),
    "nobody": ("email\n", []),
    "mailchimp, with those who only bought something": (
        "Email,Member status\njo@example.org,Subscribed\nmo@example.org,Non-Subscribed\nbo@example.org,Opted out\n",
        [(2, "jo@example.org 2024-01-31 by mail"), (3, "off"), (4, "off")],
    ),
    "whether they agreed": (
        "email,consent,date\njo@example.org,yes,2024-01-01\nmo@example.org,no,2024-01-01\n",
        [(2, "jo@example.org 2024-01-01 by mail"), (3, "off")],
    ),
    "when they agreed": ("email,consent\njo@example.org,2024-01-01\n", [(2, "jo@example.org 2024-01-01 by mail")]),
    "whether they agreed, in other words": (
        "email,agreed,signup date\njo@example.org,yes,2024-01-01\nmo@example.org,no,2024-01-01\n",
        [(2, "jo@example.org 2024-01-01 by mail"), (3, "off")],
    ),
    "when and how, in German": (
        "E-Mail;Einwilligung am;Quelle\njo@example.org;31.12.2023;Messe\nmo@example.org;1.2.2024, 08:00;Laden\n",
        [(2, "jo@example.org 2023-12-31 Messe"), (3, "mo@example.org 2024-02-01 Laden")],
    ),
    "when and how, in a sheet of one's own": (
        "name,email,source of consent,consent date\nJo,jo@example.org,paper,2024-01-01\n",
        [(2, "jo@example.org 2024-01-01 paper")],
    ),
    "a state of the union": ("email,state\njo@example.org,CA\n", [(2, "jo@example.org 2024-01-31 by mail")]),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_read_as_tools_give_them_out(tmp_path: Path, name: str) -> None:
    text, rows = LISTS[name]
    assert read(tmp_path, text) == rows


def test_a_row_that_cannot_be_read_is_told_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    text = (
        'email,date,source\nnonsense,2024-01-01,paper\n"two\nlines@example.org",2024-01-01,paper\n\n'
        "jo@example.org,2024-01-01,paper\nmo@example.org,01/02/2024,paper\nbo@example.org,2199-01-01,paper\n"
        "no-date@example.org,,paper\nno-source@example.org,2024-01-01,\n,2024-01-01,paper\nneither@example.org,,\n"
    )
    told = read(tmp_path, text, Missing())
    assert [line for line, _ in told] == [2, 4, 6, 7, 8, 9, 10, 11, 12]
    reasons = dict(told)
    assert "it has no @" in reasons[2]
    assert reasons[6] == "jo@example.org 2024-01-01 paper"
    assert "accepted: 2026-11-23" in reasons[7]
    assert "future" in reasons[8]
    assert reasons[9] == "it does not say when they agreed; --date DATE says it for rows without a date"
    assert reasons[10] == "it does not say how they agreed; --consent TEXT says it for rows without it"
    assert "neither how nor when they agreed; --consent TEXT and --date DATE" in reasons[12]


@pytest.mark.parametrize("status", ["abgemeldet", "отписан", "Do not mail"])
def test_a_status_that_nobody_here_knows_keeps_its_row_out(tmp_path: Path, status: str) -> None:
    told = read(tmp_path, f"email,status\njo@example.org,{status}\nmo@example.org,\nbo@example.org,Active\n")
    assert told == [
        (2, f"its status {status!r} is not known; accepted: subscribed, unsubscribed"),
        (3, "mo@example.org 2024-01-31 by mail"),
        (4, "bo@example.org 2024-01-31 by mail"),
    ]


MANY = "".join(f"jo{number}@example.org,\n" for number in range(1_500))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"email,note\n{MANY}mo@example.org,{'x' * 140_000}\n", "list.csv:1502: no table .* field larger than"),
        (
            f'email,note\n{MANY}mo@example.org,"old\nbo@example.org,\n',
            "list.csv:1502: a quotation mark .* never closed",
        ),
        ('email,note\nmo@example.org,"old', "list.csv:2: a quotation mark .* never closed"),
        ("email\njo@example.org\n".encode("utf-16-le"), "list.csv: no table as text; save it as CSV, in UTF-8"),
    ],
    ids=["a field without end", "a quotation mark", "a quotation mark in the last line", "UTF-16 that does not say so"],
)
def test_a_fault_anywhere_in_a_file_is_found_before_its_first_row_is_used(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    limit = csv.field_size_limit(131_072)  # as it is where no archive was read before
    with pytest.raises(ArchiveError, match=said):
        ReaderList(file, GIVEN, ZoneInfo("UTC"), NOW)
    csv.field_size_limit(limit)


@pytest.mark.parametrize(
    ("text", "missing", "said"),
    [
        (
            "email,town\njo@example.org,Cardiff\n",
            Missing(),
            (
                "no column says how and when they agreed; its header says: email, town; accepted: columns named"
                ' "source" and "date" or the like, as the README lists them, or else --consent TEXT and --date DATE$'
            ),
        ),
        (
            "email\njo@example.org\n",
            Missing(source="x"),
            'no column says when they agreed; .* accepted: a column named "date" or the like, .* or else --date DATE$',
        ),
        ("email,date\njo@example.org,2024-01-01\n", Missing(), "no column says how they agreed"),
        ("name,town\nJo,Cardiff\n", GIVEN, "no column holds addresses; its header says: name, town"),
        ("a,b\njo@example.org,mo@example.org\n", GIVEN, "no column holds addresses"),
        ("jo@example.org\nmo@example.org\n", GIVEN, "its first line is somebody, and no header"),
        ("", GIVEN, "no column holds addresses; its header says: nothing"),
    ],
)
def test_what_a_whole_list_lacks_is_one_line_before_anything_is_added(
    tmp_path: Path, text: str, missing: Missing, said: str
) -> None:
    with pytest.raises(ArchiveError, match=said.replace("(", r"\(")) as refusal:
        read(tmp_path, text, missing)
    assert "\n" not in str(refusal.value)


def test_a_list_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be read: no such file"):
        ReaderList(tmp_path / "none.csv", GIVEN, ZoneInfo("UTC"), NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-06-01", datetime(2024, 5, 31, 23, tzinfo=UTC)),
        ("2024-06-01 10:00", datetime(2024, 6, 1, 9, tzinfo=UTC)),
        ("2024-06-01T10:00:00+02:00", datetime(2024, 6, 1, 8, tzinfo=UTC)),
        ("2024-06-01 10:00:00 UTC", datetime(2024, 6, 1, 10, tzinfo=UTC)),
        ("2022-02-03 04:05:06.789+00", datetime(2022, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)),
        ("31.12.2025", datetime(2025, 12, 31, tzinfo=UTC)),
        ("1.6.2024 10:00", datetime(2024, 6, 1, 9, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_the_zone_of_the_configuration(text: str, moment: datetime) -> None:
    assert read_moment(text, ZoneInfo("Europe/London")) == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "31.13.2024", "1.2.24", "01/02/2024", "2024-13-01", "0001-01-01", "9999-12-31 23:59"]
)
def test_what_is_no_moment_says_what_is_accepted(text: str) -> None:
    zone = ZoneInfo("Asia/Tokyo") if text.startswith("0") else ZoneInfo("America/New_York")
    with pytest.raises(ValueError, match="accepted: 2026-11-23"):
        read_moment(text, zone)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/New_York", "Asia/Beirut"])
@pytest.mark.parametrize("text", ["2025-01-01", "2025-07-01", "2022-03-27", "2024-06-01T10:00:00Z"])
def test_what_was_told_as_a_day_is_written_as_that_day(zone: str, text: str) -> None:
    at = read_moment(text, ZoneInfo(zone))
    assert write_moment(at, ZoneInfo(zone)) == text


@pytest.mark.parametrize("name", [*ADDRESSES, *DATES, *SOURCES, *STATUSES])
def test_every_name_of_a_column_that_is_known_stands_in_the_readme(name: str) -> None:
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")
