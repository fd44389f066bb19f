"""`collector subscribers`: who gets digests, added, taken off, brought in and given out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from making_storage import rows
from running import Folder, now

from collector.storage.bounces import stop_sending
from collector.storage.database import Database
from collector.storage.subscribers import find_subscribers

AGREED = ("--consent", "paper list", "--date", "2024-01-31")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    here = Folder(tmp_path, digest={"to": ["me@example.org"]}, web={"base_url": "https://digest.example.org"})
    here.call("tick")
    return here


def table(folder: Folder, name: str, *columns: str) -> list[object]:
    database = Database(f"sqlite:///{folder.database}")
    try:
        return rows(database, name, *columns)
    finally:
        database.close()


def test_somebody_is_added_listed_and_taken_off_for_good(folder: Folder) -> None:
    added = folder.call("subscribers", "add", "Jo@BÜCHER.example", *AGREED)
    assert (added.code, added.out) == (0, "Jo@xn--bcher-kva.example: added to weekly\n")
    (row,) = folder.call("subscribers", "list").rows
    assert row["address"] == "Jo@xn--bcher-kva.example"
    assert (row["series"], row["state"], row["origin"]) == ("weekly", "confirmed", "command")
    assert folder.call("subscribers", "add", "jo@bücher.example", *AGREED).out.endswith("gets weekly\n")
    unheard = folder.call("subscribers", "remove", "JO@bücher.example", "--series", "wekly")
    assert unheard.refusal(2) == "--series: no series is called wekly; there are: weekly"
    gone = folder.call("subscribers", "remove", "JO@bücher.example")
    assert gone.out == "JO@xn--bcher-kva.example: taken off weekly\n"
    again = folder.call("subscribers", "add", "jo@bücher.example", *AGREED)
    assert "unsubscribed earlier; only they themselves can sign up again" in again.refusal()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("jo@example.org",), "say how and when they agreed: --consent"),
        (("jo@example.org", "--consent", "x"), "say how and when they agreed"),
        (("jo@example.org", "--date", "2024-01-31"), "say how and when they agreed"),
        (("jo@example.org", "--consent", "x", "--date", "2199-01-31"), "lies in the future"),
        (("jo@example.org", "--consent", "x", "--date", "soon"), "is no date; accepted"),
        (("jo", *AGREED), "'jo' is not an e-mail address: it has no @"),
    ],
)
def test_who_is_added_needs_an_address_and_how_and_when_they_agreed(
    folder: Folder, arguments: tuple[str, ...], said: str
) -> None:
    assert said in folder.call("subscribers", "add", *arguments).refusal(2)
    assert table(folder, "subscribers", "id") == []


def test_who_cannot_be_added_harms_no_other_and_what_is_no_address_adds_nobody(folder: Folder) -> None:
    folder.call("subscribers", "add", "left@example.org", *AGREED)
    folder.call("subscribers", "remove", "left@example.org")
    assert folder.call("subscribers", "add", "jo@example.org", "mo@example.org", "bad@", *AGREED).code == 2
    assert [row["address"] for row in folder.call("subscribers", "list").rows] == ["left@example.org"]
    added = folder.call("subscribers", "add", "jo@example.org", "left@example.org", "mo@example.org", *AGREED)
    assert (added.code, len(added.out.splitlines())) == (1, 2)
    told = " ".join(folder.call("subscribers", "add", "--help").out.split())
    assert "if one of ADDRESSES is no e-mail address, with 2, and adds nobody" in told


def test_who_bounced_is_not_added_before_they_are_forgiven(folder: Folder, tmp_path: Path) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    database = Database(f"sqlite:///{folder.database}")
    with database.write() as conn:
        stop_sending(conn, find_subscribers(conn, ["jo@example.org"])["jo@example.org"].id, "no such mailbox", now())
    database.close()
    (tmp_path / "list.csv").write_text("email\njo@example.org\n")
    told = folder.call("subscribers", "import", "list.csv", *AGREED).out
    assert told == "weekly: 0 subscribers added, 1 bounced earlier\n"
    refusal = folder.call("subscribers", "add", "jo@example.org", *AGREED).refusal()
    assert "bounced earlier; 'collector subscribers bounces --forgive jo@example.org'" in refusal
    assert folder.call("subscribers", "bounces", "--forgive", "jo@example.org").code == 0
    assert folder.call("subscribers", "add", "jo@example.org", *AGREED).code == 0


def test_a_series_that_is_not_there_is_one_line(folder: Folder) -> None:
    assert "no series is called daily" in folder.call(
        "subscribers", "add", "jo@example.org", "--series", "daily", *AGREED
    ).refusal(2)


def test_an_empty_series_is_none_and_not_all(folder: Folder) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    for asked in (("remove", "jo@example.org"), ("list",)):
        refusal = folder.call("subscribers", *asked, "--series", "").refusal(2)
        assert refusal == "--series: no series is called ; there are: weekly"


def test_somebody_is_taken_off_a_series_that_is_not_configured_any_more(folder: Folder) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    folder.write(digest={"series": "letters"})
    done = folder.call("subscribers", "remove", "jo@example.org", "--series", "weekly")
    assert done.out == "jo@example.org: taken off weekly\n"


@pytest.mark.parametrize("name", ["collector.db", "collector.db.refusals", "collector.toml"])
def test_a_list_that_goes_out_never_takes_the_place_of_a_file_of_ours(folder: Folder, name: str) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    folder.call("subscribers", "remove", "jo@example.org")
    before = (folder.path / name).read_bytes()
    for more in ((), ("--json",), ("jo@example.org",)):
        done = folder.call("subscribers", "export", *more, "--output", name)
        assert done.refusal() == f"{name}: is the collector's own file; name another one"
    assert (folder.path / name).read_bytes() == before


def test_an_address_that_is_empty_is_not_the_whole_list(folder: Folder) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    assert "'' is not an e-mail address" in folder.call("subscribers", "export", "").refusal(2)


def test_a_file_that_is_no_list_is_one_line_of_some_length(folder: Folder) -> None:
    (folder.path / "list.csv").write_bytes(b"\x1b[2J" + b"{posts}" * 1000)
    refusal = folder.call("subscribers", "import", "list.csv", *AGREED).refusal()
    assert "no column holds addresses; its header says: " in refusal
    assert len(refusal) < 200


def test_a_list_is_brought_in_once_and_says_what_was_in_it(folder: Folder, tmp_path: Path) -> None:
    folder.call("subscribers", "add", "left@example.org", *AGREED)
    folder.call("subscribers", "remove", "left@example.org")
    (tmp_path / "list.csv").write_text(
        "Email,Status\njo@example.org,subscribed\nJO@example.org,subscribed\nleft@example.org,subscribed\n"
        "gone@example.org,unsubscribed\nnonsense,subscribed\n"
    )
    first = folder.call("subscribers", "import", "list.csv", *AGREED)
    assert first.code == 1
    assert first.err.startswith("collector: list.csv:6: 'nonsense' is not an e-mail address: it has no @; accepted is ")
    assert len(first.err.splitlines()) == 1
    assert first.out.split(": ")[1].strip().split(", ") == [
        "1 subscriber added",
        "1 subscribed already",
        "1 unsubscribed earlier",
        "1 off that list",
        "1 row not readable",
    ]
    assert "0 subscribers added, 2 subscribed already" in folder.call("subscribers", "import", "list.csv", *AGREED).out
    assert (folder.mails, table(folder, "letters", "id")) == ([], [])


def test_a_list_is_brought_in_to_each_series_that_is_named(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with (tmp_path / "collector.toml").open("a", encoding="utf-8") as file:
        file.writelines(f'\n[[digest]]\nseries = "{name}"\ncadence = "{name}"\n' for name in ("daily", "monthly"))
    (tmp_path / "list.csv").write_text("email\njo@example.org\nnonsense\n")
    done = folder.call("subscribers", "import", "list.csv", "--series", "weekly", "--series", "daily", *AGREED)
    assert done.out.splitlines() == [
        "weekly: 1 subscriber added, 1 row not readable",
        "daily: 1 subscriber added, 1 row not readable",
    ]
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert set(table(folder, "subscriptions", "series")) == {"daily", "weekly"}


def test_a_list_without_consent_is_refused_whole(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("email\njo@example.org\n")
    assert "no column says how and when they agreed" in folder.call("subscribers", "import", "list.csv").refusal()
    assert table(folder, "subscribers", "id") == []


def test_a_long_list_shows_how_far_it_is_in_a_terminal_and_says_nothing_in_a_pipe(
    folder: Folder, tmp_path: Path
) -> None:
    people = "".join(f"reader{number}@example.org\n" for number in range(3_000))
    (tmp_path / "list.csv").write_text(f"email\n{people}")
    code, shown = folder.in_terminal("subscribers", "import", "list.csv", *AGREED)
    assert (code, "importing list.csv" in shown, "3,000 subscribers added" in shown) == (0, True, True)
    piped = folder.call("subscribers", "import", "list.csv", *AGREED)
    assert (piped.code, piped.err) == (0, "")
    assert "3,000 subscribed already" in piped.out


def test_the_whole_list_goes_out_as_a_table_that_spreadsheets_do_not_run_and_comes_in_again(
    folder: Folder, tmp_path: Path
) -> None:
    folder.call("subscribers", "add", "+jo@example.org", "--consent", "=HYPERLINK(1)", "--date", "2024-01-31")
    folder.call("subscribers", "add", "mo@example.org", *AGREED)
    folder.call("subscribers", "remove", "mo@example.org")
    out = folder.call("subscribers", "export").out
    jo, mo = csv.DictReader(io.StringIO(out))
    assert (jo["address"], jo["consent_source"], jo["consent_at"]) == (
        "'+jo@example.org",
        "'=HYPERLINK(1)",
        "2024-01-31",
    )
    assert (mo["state"], mo["ended_why"]) == ("ended", "command")
    assert folder.call("subscribers", "export", "--output", "all.csv").code == 0
    assert (tmp_path / "all.csv").read_bytes() == out.replace("\n", "\r\n").replace("\r\r", "\r").encode()
    folder.call("subscribers", "remove", "+jo@example.org", "--erase")
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other")
    done = other.call("subscribers", "import", str(tmp_path / "all.csv"))
    assert done.out == "weekly: 1 subscriber added, 1 off that list\n"
    (row,) = other.call("subscribers", "list", "--json").json["subscribers"]
    assert (row["address"], row["consent_source"], row["consent_at"]) == (
        "+jo@example.org",
        "=HYPERLINK(1)",
        "2024-01-31",
    )


def test_the_day_somebody_agreed_on_stays_that_day_east_of_greenwich_and_from_list_to_list(
    folder: Folder, tmp_path: Path
) -> None:
    folder.write(collector={"timezone": "Europe/Berlin"})
    (tmp_path / "list.csv").write_text(
        "email,date,source\njo@example.org,2025-01-01,fair\nmo@example.org,2025-01-01T09:30:00Z,fair\n"
    )
    folder.call("subscribers", "import", "list.csv")
    out = folder.call("subscribers", "export").out
    told = [(row["consent_at"], row["asked_at"]) for row in csv.DictReader(io.StringIO(out))]
    assert told == [("2025-01-01", "2025-01-01"), ("2025-01-01T09:30:00Z", "2025-01-01T09:30:00Z")]
    (tmp_path / "all.csv").write_text(out)
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other", collector={"timezone": "America/New_York"})
    other.call("subscribers", "import", str(tmp_path / "all.csv"))
    again = csv.DictReader(io.StringIO(other.call("subscribers", "export").out))
    assert [row["consent_at"] for row in again] == ["2025-01-01", "2025-01-01T09:30:00Z"]


def test_somebody_who_asks_is_told_everything_and_erased_on_request(folder: Folder) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    held = folder.call("subscribers", "export", "JO@example.org").json
    assert held["subscriptions"][0]["consent_source"] == "paper list"
    assert folder.call("about", "jo@example.org").json["reader"]["address"] == "jo@example.org"
    assert folder.call("subscribers", "export", "--json").json["subscribers"][0]["address"] == "jo@example.org"
    assert folder.call("subscribers", "remove", "jo@example.org", "--erase").out == "jo@example.org: erased\n"
    assert "jo@example.org is not known" in folder.call("subscribers", "export", "jo@example.org").refusal()
    assert folder.call("about", "jo@example.org").refusal() == "nothing is held about jo@example.org"


@pytest.mark.parametrize("name", ["jo@bücher.example", "JO@xn--bcher-kva.example"])
def test_forgetting_an_address_takes_it_off_the_list_and_keeps_it_off(folder: Folder, name: str) -> None:
    folder.call("subscribers", "add", "Jo@bücher.example", *AGREED)
    done = folder.call("forget", "--yes", name)
    assert (done.code, "what they are subscribed to" in done.out) == (0, True)
    assert table(folder, "subscribers", "id") == []
    assert "unsubscribed earlier" in folder.call("subscribers", "add", "Jo@bücher.example", *AGREED).refusal()


def test_who_signs_up_again_after_being_forgotten_stays_when_somebody_else_is(folder: Folder) -> None:
    from collector.subscribing.signing import sign_up

    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    folder.call("forget", "--yes", "jo@example.org")
    with folder.app() as app:
        sign_up(app.readership, "jo@example.org", ["weekly"], app.now())
    folder.call("forget", "--yes", "mo@example.org")
    assert table(folder, "subscribers", "address") == ["jo@example.org"]


def test_status_counts_readers_and_names_who_left_a_fixed_list(folder: Folder) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    assert folder.call("status", "--json").json["series"][0].items() >= {"addresses": 2, "unconfirmed": 0}.items()
    folder.call("subscribers", "remove", "me@example.org", "--erase")
    told = folder.call("status", "--json").json
    assert told["series"][0]["addresses"] == 1
    assert "me@example.org has unsubscribed from weekly, and still stands in its `to`" in told["needs_a_person"]


def test_a_backup_that_is_brought_back_does_not_bring_back_who_left(folder: Folder, tmp_path: Path) -> None:
    folder.call("subscribers", "add", "jo@example.org", *AGREED)
    assert folder.call("db", "backup", "copy.db").code == 0
    folder.call("subscribers", "remove", "jo@example.org")
    folder.database.unlink()
    (tmp_path / "copy.db").replace(folder.database)
    assert folder.call("subscribers", "list").rows[0]["state"] == "ended"
