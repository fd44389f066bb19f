from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path

import pytest

from collector.config import CatchUp, Security, SendOn, Settings, WhenEmpty, build_settings, load_settings
from collector.config.durations import DURATION_FORM
from collector.config.files import user_files
from collector.config.mail import MailSettings
from collector.config.places import SourceSettings
from collector.config.series import SeriesSettings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings, Table
from collector.errors import ConfigError, UnknownNameError
from collector.model import Cadence, WantedWatch, WatchKey
from collector.text.mailaddresses import Sender

EXAMPLE = Path(__file__).parents[2] / "config" / "collector.toml"
PLAIN = "bounces, collector, database, health, mail, polling, warnings, web"
TAGS = 'a list of hashtags without "#", such as ["notcoproduction"]'
MINIMAL = '[collector]\nhashtags = ["NotCoproduction"]\n'
TABLES: dict[str, type[Table]] = {
    "collector": CollectorSettings,
    "database": DatabaseSettings,
    "polling": PollingSettings,
    "source": SourceSettings,
    "digest": SeriesSettings,
    "mail": MailSettings,
}


def build(text: str, environ: Mapping[str, str] | None = None, folder: Path = Path("/here")) -> Settings:
    return build_settings(tomllib.loads(text), folder=folder, environ=environ or {})


def problem(path: Path | None, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ or {}, cwd)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_a_hashtag_alone_is_a_configuration() -> None:
    settings = build(MINIMAL)
    assert settings.topics == ("notcoproduction",)
    assert settings.sources == ()
    assert settings.database.url == "sqlite:////here/collector.db"
    assert settings.database.keep_raw
    assert settings.polling.interval == timedelta(minutes=10)
    assert settings.polling.overlap == timedelta(hours=48)
    assert settings.polling.overlap_interval == timedelta(hours=1)
    assert settings.polling.deep_overlap == timedelta(days=30)
    assert settings.polling.deep_interval == timedelta(hours=24)
    assert settings.polling.max_pages == 20
    assert settings.mail.host is None
    assert settings.mail.outbox == Path("/here/outbox")


def test_without_a_series_there_is_a_weekly_one_for_nobody() -> None:
    series = build(f'{MINIMAL}timezone = "Europe/Cardiff"'.replace("Cardiff", "London")).series(None)
    assert series.name == "weekly"
    assert series.topics == ("notcoproduction",)
    assert series.to == ()
    assert series.timezone == "Europe/London"
    assert series.subject == "#{hashtag}, week {week}: {examples}"
    assert series.send_on == SendOn(cadence=Cadence.WEEKLY, day=0, at=time(8))
    assert series.when_empty is WhenEmpty.SKIP
    assert series.sign_of_life == timedelta(days=28)
    assert series.catch_up is CatchUp.NEWEST
    assert (series.late_weeks, series.top_posts) == (4, 10)


def test_a_series_says_what_it_wants() -> None:
    series = build(
        """
        [collector]
        hashtags = ["one", "Two"]
        timezone = "Europe/London"
        aliases = { Two = ["zwei"] }
        [[digest]]
        series = "two-only"
        hashtags = ["ZWEI", "two"]
        send_on = "Friday 7:05"
        to = ["me@EXAMPLE.org", "me@example.org"]
        timezone = "Asia/Tokyo"
        sign_of_life = "never"
        """
    ).series("two-only")
    assert series.topics == ("two",)
    assert series.send_on == SendOn(cadence=Cadence.WEEKLY, day=4, at=time(7, 5))
    assert series.to == ("me@example.org",)
    assert series.timezone == "Asia/Tokyo"
    assert series.sign_of_life is None


@pytest.mark.parametrize(
    ("text", "name", "subject", "send_on"),
    [
        ("", "weekly", "#{hashtag}, week {week}: {examples}", SendOn(cadence=Cadence.WEEKLY, day=0, at=time(8))),
        (
            *('cadence = "daily"', "daily", "#{hashtag}, {date}: {examples}"),
            SendOn(cadence=Cadence.DAILY, at=time(8)),
        ),
        (
            *('cadence = "monthly"', "monthly", "#{hashtag}, {month} {year}: {examples}"),
            SendOn(cadence=Cadence.MONTHLY, day=1, at=time(8)),
        ),
        (
            *('cadence = "daily"\nseries = "each"\nsend_on = "7:05"\nsubject = "{date}"', "each", "{date}"),
            SendOn(cadence=Cadence.DAILY, at=time(7, 5)),
        ),
        (
            *('subject = "{month}"\nsend_on = "28  23:59"\ncadence = "monthly"', "monthly", "{month}"),
            SendOn(cadence=Cadence.MONTHLY, day=28, at=time(23, 59)),
        ),
    ],
)
def test_name_subject_and_moment_of_a_series_go_by_its_cadence(
    text: str, name: str, subject: str, send_on: SendOn
) -> None:
    series = build(f"{MINIMAL}\n[[digest]]\n{text}").digests[0]
    assert (series.name, series.subject, series.send_on) == (name, subject, send_on)


def test_the_usual_subject_is_that_of_the_series_own_words(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[daily]\nsubject = "#{hashtag} am {date}: {examples}"\n', encoding="utf-8")
    series = build(f'{MINIMAL}\n[[digest]]\nwords = "w.toml"\ncadence = "daily"', folder=tmp_path).digests[0]
    assert series.subject == "#{hashtag} am {date}: {examples}"
    assert series.subject_of(Cadence.WEEKLY) == "#{hashtag}, week {week}: {examples}"


def test_several_series_must_be_named() -> None:
    settings = build(f'{MINIMAL}[[digest]]\nseries = "a"\n[[digest]]\nseries = "b"')
    assert settings.series("b").name == "b"
    with pytest.raises(UnknownNameError, match=r"^several series: name one of a, b$"):
        settings.series(None)
    with pytest.raises(UnknownNameError, match=r"^no series is called c; there are: a, b$"):
        settings.series("c")


def test_a_source_is_known_by_its_canonical_address_and_named_after_its_host() -> None:
    settings = build(f'{MINIMAL}[[source]]\nkind = "mastodon"\nurl = "HTTPS://Straße.Example:443/"')
    [source] = settings.sources
    assert source.address == "https://xn--strae-oqa.example"
    assert source.name == "xn--strae-oqa.example"
    assert source.topics == ("notcoproduction",)
    assert source.token is None
    assert not source.allow_private_network


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://LOCALHOST:8080", "http://localhost:8080"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://a_b.example", "https://a_b.example"),
    ],
)
def test_addresses_of_servers_have_one_form(url: str, address: str) -> None:
    assert build(f'{MINIMAL}[[source]]\nkind = "mastodon"\nurl = "{url}"').sources[0].address == address


def test_a_source_polls_at_its_own_interval_or_at_the_common_one() -> None:
    settings = build(
        f"""{MINIMAL}
        [polling]
        interval = "5m"
        [[source]]
        kind = "mastodon"
        url = "https://one.example"
        [[source]]
        kind = "mastodon"
        url = "https://two.example"
        interval = "2h"
        """
    )
    assert [source.interval for source in settings.sources] == [timedelta(minutes=5), timedelta(hours=2)]


def test_every_source_is_watched_for_each_spelling_of_its_topics() -> None:
    settings = build(
        """
        [collector]
        hashtags = ["One", "Two"]
        aliases = { one = ["uno", "Eins"] }
        [[source]]
        kind = "mastodon"
        name = "first"
        url = "https://first.example"
        [[source]]
        kind = "mastodon"
        name = "second"
        url = "https://second.example"
        hashtags = ["two"]
        """
    )

    def watch(name: str, hashtag: str, topic: str) -> WantedWatch:
        key = WatchKey(kind="mastodon", address=f"https://{name}.example", hashtag=hashtag, topic=topic)
        return WantedWatch(key=key, name=name)

    assert settings.wanted_watches() == (
        watch("first", "one", "one"),
        watch("first", "uno", "one"),
        watch("first", "eins", "one"),
        watch("first", "two", "two"),
        watch("second", "two", "two"),
    )
    assert settings.spellings("one") == {"one", "uno", "eins"}
    assert settings.spellings("two") == {"two"}
    assert settings.display("one") == "One"
    assert settings.display("forgotten") == "forgotten"
    assert settings.source_for(watch("second", "two", "two").key).name == "second"
    with pytest.raises(UnknownNameError, match=r"^collector\.toml: no source for one at https://second\.example$"):
        settings.source_for(watch("second", "uno", "one").key)


def test_a_server_is_asked_for_the_accents_that_the_configuration_writes() -> None:
    settings = build('[collector]\nhashtags = ["Café"]\n[[source]]\nkind = "mastodon"\nurl = "https://one.example"\n')
    (watch,) = settings.wanted_watches()
    assert (watch.key.hashtag, watch.key.topic) == ("café", "cafe")


def test_two_sources_may_share_a_server_for_different_topics() -> None:
    entry = '[[source]]\nkind = "mastodon"\nurl = "https://one.example"\n'
    text = f'[collector]\nhashtags = ["a", "b"]\n{entry}hashtags = ["a"]\n{entry}name = "other"\nhashtags = ["b"]'
    assert [watch.name for watch in build(text).wanted_watches()] == ["one.example", "other"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a/b.db", "sqlite:////here/a/b.db"),
        ("sqlite:////there/b.db", "sqlite:////there/b.db"),
        ("postgresql://me@host/name", "postgresql+psycopg://me@host/name"),
        (
            "postgres://me:p%40w@host:5432/name?sslmode=require",
            "postgresql+psycopg://me:p%40w@host:5432/name?sslmode=require",
        ),
        ("postgresql+psycopg:///name?host=/run/pg", "postgresql+psycopg:///name?host=/run/pg"),
    ],
)
def test_a_database_url_is_made_complete(url: str, expected: str) -> None:
    settings = build(f'{MINIMAL}[database]\nurl = "{url}"')
    assert settings.database.url == expected
    assert expected not in repr(settings)


def test_mail_takes_the_port_that_goes_with_its_security() -> None:
    def port(text: str) -> int:
        return build(f"{MINIMAL}[mail]\n{text}").mail.port

    assert [port(f'security = "{security}"') for security in Security] == [587, 465, 25]
    assert port("port = 2525") == 2525


def test_a_sender_has_a_name_and_an_address() -> None:
    mail = build(f'{MINIMAL}[mail]\nfrom = "Not coproduction <digest@Example.org>"').mail
    assert mail.sender == Sender(name="Not coproduction", address="digest@example.org")


def test_a_secret_comes_from_the_file_a_file_beside_it_or_a_variable(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("  from-file\n", encoding="utf-8")
    for given in ('token = "from-text"', 'token_file = "token"', 'token_env = "TOKEN"'):
        text = f'{MINIMAL}[[source]]\nkind = "mastodon"\nurl = "https://one.example"\n{given}'
        settings = build(text, {"TOKEN": "from-variable"}, tmp_path)
        token = settings.sources[0].token
        assert token is not None
        assert token.get_secret_value() in {"from-text", "from-file", "from-variable"}
        assert "from-" not in repr(settings)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n", "missing secret: the file it names is empty"),
        (b"\xff", "missing secret: the file it names is not UTF-8 text"),
    ],
)
def test_a_secret_file_without_a_secret_is_a_fault(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "password").write_bytes(content)
    text = f'{MINIMAL}[mail]\nusername = "me"\npassword_file = "password"'
    with pytest.raises(ConfigError) as caught:
        build(text, folder=tmp_path)
    accepted = "one of password, password_file, password_env"
    assert caught.value.problems == (f"collector.toml: mail.password_file: {reason}; accepted: {accepted}",)


def test_the_environment_takes_the_place_of_what_the_file_says() -> None:
    settings = build(
        f'{MINIMAL}[polling]\ninterval = "10m"\n[mail]\nusername = "me"\npassword_file = "missing"',
        {
            "COLLECTOR_CONFIG": "elsewhere.toml",
            "COLLECTOR_COLLECTOR__HASHTAGS": "one, Two,",
            "COLLECTOR_COLLECTOR__ALIASES": '{ one = ["uno"] }',
            "COLLECTOR_DATABASE__KEEP_RAW": "False",
            "COLLECTOR_DATABASE__URL": "",
            "COLLECTOR_POLLING__INTERVAL": "2s",
            "COLLECTOR_POLLING__MAX_PAGES": "3",
            "COLLECTOR_MAIL__PASSWORD": "12345",
            "COLLECTOR_MAIL__FROM": "me@example.org",
            "HOME": "/root",
        },
    )
    assert settings.topics == ("one", "two")
    assert settings.spellings("one") == {"one", "uno"}
    assert not settings.database.keep_raw
    assert settings.database.url == "sqlite:////here/collector.db"
    assert settings.polling.interval == timedelta(seconds=2)
    assert settings.polling.max_pages == 3
    assert settings.mail.password is not None
    assert settings.mail.password.get_secret_value() == "12345"
    assert settings.mail.sender.address == "me@example.org"


def test_a_list_in_the_environment_may_be_written_as_in_the_file() -> None:
    assert build("", {"COLLECTOR_COLLECTOR__HASHTAGS": '["one", "two"]'}).topics == ("one", "two")


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        (
            "COLLECTOR_POLLING__COLOUR",
            "",
            f"COLLECTOR_POLLING__COLOUR: unknown key; accepted: {', '.join(PollingSettings.accepted_keys())}",
        ),
        (
            "COLLECTOR_SOURCE__URL",
            "https://x.example",
            f"COLLECTOR_SOURCE__URL: unknown table; accepted: {PLAIN}",
        ),
        (
            "COLLECTOR_POLLING__INTERVAL",
            "10 parsecs",
            f'COLLECTOR_POLLING__INTERVAL: not a duration: "10 parsecs"; accepted: {DURATION_FORM}',
        ),
        (
            "COLLECTOR_MAIL__PORT",
            "many",
            "COLLECTOR_MAIL__PORT: wrong type (text); accepted: a whole number from 1 to 65535",
        ),
        (
            "COLLECTOR_COLLECTOR__HASHTAGS",
            "one,a b",
            f'COLLECTOR_COLLECTOR__HASHTAGS[2]: not a hashtag: "a b"; accepted: {TAGS}',
        ),
    ],
)
def test_a_fault_of_the_environment_names_the_variable(variable: str, value: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(MINIMAL, {variable: value})
    assert caught.value.problems == (line,)


def test_files_are_looked_for_in_their_order(tmp_path: Path) -> None:
    places = ["named.toml", "variable.toml", "collector.toml", "config/collector.toml", "user/collector/collector.toml"]
    for number, place in enumerate(places):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f'[collector]\nhashtags = ["tag{number}"]', encoding="utf-8")
    environ = {"COLLECTOR_CONFIG": "variable.toml", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "user")}

    assert load_settings(Path("named.toml"), environ, tmp_path).topics == ("tag0",)
    assert load_settings(None, environ, tmp_path).topics == ("tag1",)
    environ["COLLECTOR_CONFIG"] = ""
    assert load_settings(None, environ, tmp_path).topics == ("tag2",)
    (tmp_path / "collector.toml").unlink()
    inner = load_settings(None, environ, tmp_path)
    assert inner.topics == ("tag3",)
    assert inner.file == str(Path("config/collector.toml"))
    assert inner.folder == tmp_path / "config"


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/home/me"}, ["/home/me/.config/collector/collector.toml"]),
        ("linux", {"HOME": "/home/me", "XDG_CONFIG_HOME": "/xdg"}, ["/xdg/collector/collector.toml"]),
        ("linux", {}, []),
        ("darwin", {"HOME": "/Users/me"}, ["/Users/me/Library/Application Support/collector/collector.toml"]),
        ("win32", {"APPDATA": "C:/Roaming"}, ["C:/Roaming/collector/collector.toml"]),
        ("win32", {"USERPROFILE": "C:/me"}, ["C:/me/AppData/Roaming/collector/collector.toml"]),
    ],
)
def test_each_system_has_its_own_place_for_a_persons_configuration(
    platform: str, environ: dict[str, str], expected: list[str]
) -> None:
    assert [path.as_posix() for path in user_files(environ, platform)] == expected


def test_no_file_at_all_says_where_was_looked(tmp_path: Path) -> None:
    line = problem(None, tmp_path)
    assert line == (
        'no configuration found (looked for collector.toml, config/collector.toml); "collector init" writes one'
    )


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    assert problem(Path("gone.toml"), tmp_path) == "gone.toml: cannot be read: no such file or directory"
    line = problem(None, tmp_path, {"COLLECTOR_CONFIG": "away.toml"})
    assert line == "away.toml: cannot be read: no such file or directory"


def test_a_folder_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").mkdir()
    assert problem(None, tmp_path) == "collector.toml: cannot be read: is a directory"


def test_a_file_that_is_not_utf_8_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_bytes(MINIMAL.encode("utf-16"))
    assert problem(None, tmp_path) == "collector.toml: not UTF-8 text (byte 1); save it as UTF-8"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text(MINIMAL.replace("\n", "\r\n"), encoding="utf-8-sig", newline="")
    assert load_settings(None, {}, tmp_path).topics == ("notcoproduction",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[mail]\npassword = "s3cr3t', "collector.toml: line 2: not TOML: a quotation mark is not closed"),
        (
            "[mail]\npassword = s3cr3t",
            'collector.toml: line 2: not TOML: password: text needs quotation marks, as in password = "…"',
        ),
        ("[mail]\nport = 1\nport = 2", "collector.toml: line 3: not TOML: port is there a second time: each key"),
        ("[mail]\n\n[mail]\n", "collector.toml: line 3: not TOML: this table is there already"),
        ('[mail]\nhost = "a\nport = 1\n', "collector.toml: line 2: not TOML: a quotation mark is not closed"),
        (
            "[mail]\nhost = 'a\nport = 1\n",
            "collector.toml: line 3: not TOML: a quotation mark is not closed, here or above",
        ),
        ("[polling]\ninterval = 10m\n", "collector.toml: line 2: not TOML: interval: text needs quotation marks"),
        (
            "[digest]\nto = [me@example.org]\n",
            'collector.toml: line 2: not TOML: to: text needs quotation marks, as in to = ["…"]',
        ),
        ("[digest]\nto = [\n  me@example.org,\n]\n", "collector.toml: line 3: not TOML: text needs quotation marks"),
        (
            "[mail]\nhost = “a”\n",
            "collector.toml: line 2: not TOML: host: text needs quotation marks, and straight ones",
        ),
        ("[mail]\nhost =\nport = 1\n", "collector.toml: line 2: not TOML: host: no value stands behind the ="),
        ('[mail]\nhost = "a" b\n', "collector.toml: line 2: not TOML: host: something stands behind its value"),
        (
            "[database]\nkeep_raw = True\n",
            "collector.toml: line 2: not TOML: keep_raw: true is written in small letters",
        ),
        ("[mail]\nhost a\n", "collector.toml: line 2: not TOML: neither a key with = and a value, nor a [table]"),
        ("[mail\nport = 1\n", "collector.toml: line 1: not TOML: the name of a table is not closed"),
        (
            '[digest]\nto = ["a"\nseries = 1\n',
            "collector.toml: line 3: not TOML: a list before it is not closed with ]",
        ),
        ('[mail]\noutbox = "C:\\Users"\n', "collector.toml: line 2: not TOML: a \\ between these quotation marks"),
        (f"a = {'[' * 5_000}", "collector.toml: not TOML: nested too deeply"),
        (f"a = {'9' * 5_000}", "collector.toml: not TOML: a value that cannot be read"),
    ],
)
def test_what_is_not_toml_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "collector.toml").write_text(text, encoding="utf-8")
    assert problem(None, tmp_path).startswith(line)


def test_the_example_loads_as_it_is() -> None:
    settings = load_settings(EXAMPLE, {}, Path("/"))
    assert settings.topics == ("notcoproduction",)


def test_the_example_loads_with_everything_switched_on(tmp_path: Path) -> None:
    text = re.sub(r"^#(?=[a-z_]+ = |\[\[)", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name in ("smtp-password", "imap-password"):
        (tmp_path / name).write_text("secret", encoding="utf-8")
    (tmp_path / "words.toml").write_text('[titles]\ntop = "The best"\n', encoding="utf-8")
    settings = build(text, {"MASTODON_TOKEN": "secret", "BLUESKY_APP_PASSWORD": "secret"}, tmp_path)
    assert settings.mail.host == "smtp.example.org"
    assert settings.mail.password is not None
    assert settings.sources[0].token is not None
    assert [source.kind for source in settings.sources] == ["mastodon", "wordpress", "bluesky", "feed"]


def test_what_the_example_switches_off_or_shows_is_the_default(tmp_path: Path) -> None:
    shown = load_settings(EXAMPLE, {}, Path("/"))
    default = build(MINIMAL)
    assert shown.polling == default.polling
    assert shown.database.keep_raw == default.database.keep_raw
    assert shown.digests[0].model_copy(update={"to": (), "timezone": "UTC"}) == default.digests[0]


def test_every_key_stands_in_the_example() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    parts = re.split(r"^\[+([a-z]+)[a-z.]*\]+$", text, flags=re.MULTILINE)
    chapters: dict[str, str] = {}
    for name, chapter in zip(parts[1::2], parts[2::2], strict=True):
        chapters[name] = chapters.get(name, f"[{name}.aliases]" if name == "collector" else "") + chapter
    missing = [
        f"{name}.{key}"
        for name, model in TABLES.items()
        for key in model.accepted_keys()
        if not re.search(rf"\b{key}\b", chapters[name])
    ]
    assert missing == []
