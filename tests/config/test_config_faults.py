"""Every kind of bad input has one line that names file, key, and what is accepted."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.config import build_settings
from collector.config.faults import shown
from collector.errors import ConfigError

SECRET = "s3cr3t-Value"
SECRETS = "one of token, token_file, token_env"
URLS = 'http:// or https:// and a host, such as "https://mastodon.example"'
DURATIONS = 'a number and s, m, h or d, such as "10m"'
TAGS = 'a list of hashtags without "#", such as ["notcoproduction"]'
NAMES = 'up to 60 of a-z, 0-9, "-" and "_", such as "weekly"'
OURS = "a list of hashtags that [collector] names"
DATABASES = '"sqlite:///" and a file, or "postgresql://user@host/name"'
ZONES = 'the name of a time zone, such as "Europe/London"'
CONTACTS = '"mailto:you@example.org" or an https:// page'
TABLE_NAMES = "bounces, collector, database, digest, health, mail, polling, source, warnings, web"
POLLING_KEYS = "adaptive, deep_interval, deep_overlap, fastest, interval, max_pages, overlap, overlap_interval, slowest"
SUBJECTS = (
    "a line of text with any of {hashtag}, {count}, {examples}, {year}, {month} (daily, monthly),"
    " {week} (daily, weekly), {date} (daily)"
)
SENDERS = 'a name and an address, such as "Not coproduction <digest@example.org>"'
HOSTS = 'the name of a mail server without port, such as "smtp.example.org"'
MOMENTS = (
    'weekly a weekday and a time, such as "monday 08:00"; daily a time, such as "08:00";'
    ' monthly a day of the month from 1 to 28 and a time, such as "1 08:00"'
)
NO_DAY = "not a day of the month from 1 to 28 and a time"
ALIASES = 'one of collector.hashtags = a list of its other spellings without "#"'
MAILS = 'a list of e-mail addresses, such as ["me@example.org"]'
DEEP = "a duration not shorter than polling.overlap"
SOURCE_KEYS = (
    "allow_private_network, collect, hashtags, interval, kind, name, password, password_env, password_file,"
    " token, token_env, token_file, url, username"
)
KINDS = "bluesky, feed, mastodon, wordpress"
UNREAD = "the file it names cannot be read (looked for in /nowhere)"
PASSWORDS = "with a username, one of password, password_file, password_env"

TAG = '[collector]\nhashtags = ["notcoproduction"]\n'
SOURCE = '[[source]]\nkind = "mastodon"\nurl = "https://one.example"\n'


def problems(text: str, environ: Mapping[str, str] | None = None, folder: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        build_settings(tomllib.loads(text), folder=folder, environ=environ or {})
    return [line.removeprefix("collector.toml: ") for line in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", f"collector.hashtags: missing; accepted: {TAGS}"),
        ("[collector]\nhashtags = []", f"collector.hashtags: an empty list; accepted: {TAGS}"),
        ('[collector]\nhashtags = "one"', f"collector.hashtags: wrong type (text); accepted: {TAGS}"),
        ("[collector]\nhashtags = [1]", f"collector.hashtags[1]: wrong type (a whole number); accepted: {TAGS}"),
        ('[collector]\nhashtags = ["#one"]', f'collector.hashtags[1]: not a hashtag: "#one"; accepted: {TAGS}'),
        (
            '[collector]\nhashtags = ["a", "not-one"]',
            f'collector.hashtags[2]: not a hashtag: "not-one"; accepted: {TAGS}',
        ),
        (
            '[collector]\nhashtags = ["One", "ONE"]',
            'collector.hashtags[2]: "ONE" is the same hashtag as "One"',
        ),
        (
            f'{TAG}block_words = ["casino", "!"]',
            'collector.block_words[2]: no word: "!"; accepted: a list of words, such as ["casino"]',
        ),
        (
            f'{TAG}block_words = ["NotCoproduction"]',
            'collector.block_words[1]: "NotCoproduction" is the hashtag "notcoproduction"',
        ),
        (
            f'{TAG}timezone = "Europe/Atlantis"',
            f'collector.timezone: not a time zone: "Europe/Atlantis"; accepted: {ZONES}',
        ),
        (f'{TAG}timezone = "Europe"', f'collector.timezone: not a time zone: "Europe"; accepted: {ZONES}'),
        (f'{TAG}timezone = "../etc"', f'collector.timezone: not a time zone: "../etc"; accepted: {ZONES}'),
        (
            f'{TAG}contact = "you@example.org"',
            f"collector.contact: not a contact; accepted: {CONTACTS}",
        ),
        (
            f'{TAG}contact = "http://example.org"',
            f'collector.contact: not a contact: "http://example.org"; accepted: {CONTACTS}',
        ),
        (
            f'{TAG}contact = "https://example.org/café"',
            f'collector.contact: not in ASCII: "https://example.org/café"; accepted: {CONTACTS}',
        ),
        (
            f'{TAG}contact = "mailto:nobody"',
            f'collector.contact: not an e-mail address: "nobody"; accepted: {CONTACTS}',
        ),
    ],
)
def test_a_fault_of_the_collector_table_has_its_line(text: str, line: str) -> None:
    assert problems(text) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'other = ["x"]',
            'collector.aliases.other: not a hashtag of [collector]: "other"; accepted: notcoproduction',
        ),
        (
            'notcoproduction = ["NotCoproduction"]',
            'collector.aliases.notcoproduction[1]: "NotCoproduction" is the same hashtag as "notcoproduction"',
        ),
        (
            'notcoproduction = ["x", "X"]',
            'collector.aliases.notcoproduction[2]: "X" is the same hashtag as "x"',
        ),
        (
            'notcoproduction = ["x"]\nNotcoproduction = ["y"]',
            'collector.aliases.Notcoproduction: "Notcoproduction" is the same hashtag as "notcoproduction"',
        ),
        (
            'notcoproduction = ["a b"]',
            f'collector.aliases.notcoproduction[1]: not a hashtag: "a b"; accepted: {ALIASES}',
        ),
        (
            '"not one" = ["x"]',
            f'collector.aliases.not one: not a hashtag: "not one"; accepted: {ALIASES}',
        ),
    ],
)
def test_a_fault_of_the_aliases_has_its_line(text: str, line: str) -> None:
    assert problems(f"{TAG}[collector.aliases]\n{text}") == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[databases]",
            f"databases: unknown table; accepted: {TABLE_NAMES}",
        ),
        ("[source]", "source: wrong type (a table); accepted: [[source]]"),
        ("[[mail]]", "mail: wrong type (a list); accepted: [mail]"),
        (
            '[database]\nurl = "mysql://me:pw@host/name"',
            f"database.url: not a database this can use; accepted: {DATABASES}",
        ),
        (
            '[database]\nurl = "sqlite:///:memory:"',
            f"database.url: a database in memory is gone when the command ends; accepted: {DATABASES}",
        ),
        (
            '[database]\nurl = "sqlite:///a.db?mode=ro"',
            f'database.url: a "?" in the name of the file or its folder; accepted: {DATABASES}',
        ),
        (
            '[database]\nurl = "postgresql://me:pw@host:99999/name"',
            f"database.url: a port that is no number up to 65535; accepted: {DATABASES}",
        ),
        ("[database]\nkeep_raw = 1", "database.keep_raw: wrong type (a whole number); accepted: true or false"),
        (
            '[polling]\ninterval = "10 parsecs"',
            f'polling.interval: not a duration: "10 parsecs"; accepted: {DURATIONS}',
        ),
        ("[polling]\ninterval = 600", f"polling.interval: wrong type (a whole number); accepted: {DURATIONS}"),
        ('[polling]\noverlap = "0h"', f'polling.overlap: too short: "0h"; accepted: {DURATIONS}'),
        ('[polling]\noverlap = "99999d"', f'polling.overlap: longer than a century: "99999d"; accepted: {DURATIONS}'),
        (
            '[polling]\nfastest = "1h"\nslowest = "5m"',
            'polling.slowest: "5m" is shorter than fastest, 1h; accepted: a duration not shorter than polling.fastest',
        ),
        ("[polling]\nfastest = 5", f"polling.fastest: wrong type (a whole number); accepted: {DURATIONS}"),
        ('[polling]\nadaptive = "yes"', "polling.adaptive: wrong type (text); accepted: true or false"),
        (
            '[polling]\noverlap = "60d"',
            f'polling.deep_overlap: "30d" is shorter than overlap, 60d; accepted: {DEEP}',
        ),
        ("[polling]\nmax_pages = 0", "polling.max_pages: out of range: 0; accepted: a whole number from 1 to 10000"),
        (
            "[polling]\ncolour = 1",
            f"polling.colour: unknown key; accepted: {POLLING_KEYS}",
        ),
        (
            '[polling]\n"a\\nb" = 1',
            f"polling.a\\u000ab: unknown key; accepted: {POLLING_KEYS}",
        ),
    ],
)
def test_a_fault_of_the_file_database_or_polling_has_its_line(text: str, line: str) -> None:
    assert problems(TAG + text) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'colour = "red"',
            f"source[1].colour: unknown key; accepted: {SOURCE_KEYS}",
        ),
        (
            'name = ""',
            'source[1].name: not a short line of text: ""; accepted: a short line of text, such as "our server"',
        ),
        ('interval = "soon"', f'source[1].interval: not a duration: "soon"; accepted: {DURATIONS}'),
        (
            'allow_private_network = "yes"',
            "source[1].allow_private_network: wrong type (text); accepted: true or false",
        ),
        ('hashtags = ["other"]', f'source[1].hashtags[1]: not a hashtag of [collector]: "other"; accepted: {OURS}'),
        ("hashtags = []", f"source[1].hashtags: an empty list; accepted: {OURS}"),
        ("token = 5", f"source[1].token: wrong type (a whole number); accepted: {SECRETS}"),
        (
            'address = "https://one.example"',
            f"source[1].address: unknown key; accepted: {SOURCE_KEYS}",
        ),
        (
            f'token = "{SECRET} é"',
            f"source[1].token: not an access token: it holds a space, or letters beyond ASCII; accepted: {SECRETS}",
        ),
        ('token = ""', f"source[1].token: missing secret: it is empty; accepted: {SECRETS}"),
        (
            'token = "a\\nb"',
            f"source[1].token: not a secret: it holds more than a line of text; accepted: {SECRETS}",
        ),
        (
            'token_env = "UNSET"',
            f"source[1].token_env: missing secret: the variable UNSET is not set or empty; accepted: {SECRETS}",
        ),
        (
            'token_env = "EMPTY"',
            f"source[1].token_env: missing secret: the variable EMPTY is not set or empty; accepted: {SECRETS}",
        ),
        (
            f'token_env = "{SECRET}"',
            f"source[1].token_env: missing secret: the variable it names is not set or empty; accepted: {SECRETS}",
        ),
        (
            f'token_file = "{SECRET}"',
            f"source[1].token_file: missing secret: {UNREAD}: no such file or directory; accepted: {SECRETS}",
        ),
        (
            'token = "a"\ntoken_env = "b"',
            f"source[1].token_env: the same secret twice (token and token_env); accepted: {SECRETS}",
        ),
    ],
)
def test_a_fault_of_a_source_has_its_line(text: str, line: str) -> None:
    assert problems(f"{TAG}{SOURCE}{text}", {"EMPTY": " "}) == [line]


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("mastodon.example", 'not a server\'s address: "mastodon.example"'),
        ("ftp://mastodon.example", 'not a server\'s address: "ftp://mastodon.example"'),
        ("https://", 'not a server\'s address: "https://"'),
        ("https://mastodon.example/tags/one", 'more than a server\'s address: "https://mastodon.example/tags/one"'),
        ("https://mastodon.example/?a=b", 'more than a server\'s address: "https://mastodon.example/?a=b"'),
        ("https://mastodon.example:70000", 'not an address: "https://mastodon.example:70000"'),
        ("https://[::1", 'not an address: "https://[::1"'),
        ("https://masto don.example", 'not an address: "https://masto don.example"'),
        ("https://mastodon,example", 'not a host\'s name: "mastodon,example"'),
        (f"https://me:{SECRET}@mastodon.example", "a user name or password in an address"),
        (f"https://me:{SECRET}@mastodon.example:x", "not an address"),
        (f"https:me:{SECRET}@mastodon.example", "not a server's address"),
    ],
)
def test_a_url_that_is_no_server_has_its_line(url: str, what: str) -> None:
    text = f'{TAG}[[source]]\nkind = "mastodon"\nurl = "{url}"'
    assert problems(text) == [f"source[1].url: {what}; accepted: {URLS}"]


def test_an_unknown_kind_of_source_and_a_missing_url_are_told_together() -> None:
    assert problems(f'{TAG}[[source]]\nkind = "wordpres"') == [
        f'source[1].kind: unknown: "wordpres"; accepted: {KINDS}',
        f"source[1].url: missing; accepted: {URLS}",
    ]


def test_the_same_watch_twice_names_the_source_that_has_it() -> None:
    again = '[[source]]\nname = "again"\nkind = "mastodon"\nurl = "HTTPS://One.example:443/"\n'
    assert problems(TAG + SOURCE + again) == [
        "source[2]: watches notcoproduction at https://one.example, as source[1] does"
    ]


def test_a_name_that_two_sources_share_is_refused() -> None:
    two = '[[source]]\nname = "one.example"\nkind = "mastodon"\nurl = "https://two.example"\n'
    assert problems(TAG + SOURCE + two) == ['source[2].name: "one.example" is the name of source[1] too']


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('cadence = "yearly"', 'digest[1].cadence: unknown: "yearly"; accepted: "daily", "weekly" or "monthly"'),
        (
            'cadence = "yearly"\nsend_on = "08:00"\nsubject = "{date}"',
            'digest[1].cadence: unknown: "yearly"; accepted: "daily", "weekly" or "monthly"',
        ),
        (
            'send_on = "08:00"',
            'digest[1].send_on: not a weekday and a time, as a weekly digest needs: "08:00"; accepted: ' + MOMENTS,
        ),
        (
            'cadence = "daily"\nsend_on = "monday 08:00"',
            'digest[1].send_on: not a time, as a daily digest needs: "monday 08:00"; accepted: ' + MOMENTS,
        ),
        *(
            (
                f'cadence = "monthly"\nsend_on = "{moment}"',
                f'digest[1].send_on: {NO_DAY}, as a monthly digest needs: "{moment}"; accepted: {MOMENTS}',
            )
            for moment in ("29 08:00", "0 08:00", "01 08:00", "1", "08:00", "108:00", "monday 08:00", "1 1 08:00")
        ),
        (
            'cadence = "monthly"\nsubject = "{week}"',
            'digest[1].subject: unknown placeholder for a monthly digest in "{week}": "week"; accepted: ' + SUBJECTS,
        ),
        (
            'series = "My digest"',
            f'digest[1].series: not a name for a series: "My digest"; accepted: {NAMES}',
        ),
        (f'series = "{"s" * 61}"', f'digest[1].series: not a name for a series: "{"s" * 61}"; accepted: {NAMES}'),
        ('hashtags = ["other"]', f'digest[1].hashtags[1]: not a hashtag of [collector]: "other"; accepted: {OURS}'),
        (
            'subject = "{name}"',
            f'digest[1].subject: unknown placeholder for a weekly digest in "{{name}}": "name"; accepted: {SUBJECTS}',
        ),
        (
            'subject = "{count!r:5}"',
            'digest[1].subject: unknown placeholder for a weekly digest in "{count!r:5}": "count"; accepted: '
            + SUBJECTS,
        ),
        (
            'subject = "{week"',
            f'digest[1].subject: not a subject: "{{week"; accepted: {SUBJECTS}',
        ),
        (
            'subject = "one\\ntwo"',
            f'digest[1].subject: not a subject: "one\\ntwo"; accepted: {SUBJECTS}',
        ),
        (
            'send_on = "monday 25:00"',
            'digest[1].send_on: not a weekday and a time, as a weekly digest needs: "monday 25:00"; accepted: '
            + MOMENTS,
        ),
        (
            "send_on = 08:00:00",
            f"digest[1].send_on: wrong type (a date or time); accepted: {MOMENTS}",
        ),
        (
            'to = ["me"]',
            f'digest[1].to[1]: not an e-mail address: "me"; accepted: {MAILS}',
        ),
        (
            'to = "me@example.org"',
            'digest[1].to: wrong type (text); accepted: a list of e-mail addresses, such as ["me@example.org"]',
        ),
        ('timezone = "Mars"', f'digest[1].timezone: not a time zone: "Mars"; accepted: {ZONES}'),
        ('when_empty = "cry"', 'digest[1].when_empty: unknown: "cry"; accepted: "skip" or "send"'),
        (
            'sign_of_life = "rarely"',
            f'digest[1].sign_of_life: not a duration: "rarely"; accepted: {DURATIONS}, or "never"',
        ),
        ('catch_up = "some"', 'digest[1].catch_up: unknown: "some"; accepted: "newest" or "all"'),
        ("late_weeks = 53", "digest[1].late_weeks: out of range: 53; accepted: a whole number from 0 to 52"),
        ("late_weeks = 4.0", "digest[1].late_weeks: wrong type (a number); accepted: a whole number from 0 to 52"),
        ("top_posts = 0", "digest[1].top_posts: out of range: 0; accepted: a whole number from 1 to 50"),
    ],
)
def test_a_fault_of_a_digest_has_its_line(text: str, line: str) -> None:
    assert problems(f"{TAG}[[digest]]\n{text}") == [line]


def test_addresses_that_no_line_of_a_mail_could_hold_are_refused() -> None:
    address = f"https://example.org/{'x' * 200}"
    told = problems(f'{TAG}contact = "{address}"\n[web]\nbase_url = "{address}"\n')
    assert [line.partition(": longer than 200 characters: ")[0] for line in told] == [
        "collector.contact",
        "web.base_url",
    ]


def test_a_curator_without_pages_is_refused() -> None:
    digest = f'{TAG}[[digest]]\ncurator = "you@example.org"\n'
    assert problems(digest) == ["digest[1].curator: a curator needs web.base_url, where their links lead to"]
    web = '[web]\nbase_url = "https://digest.example.org"\n'
    settings = build_settings(tomllib.loads(digest + web), folder=Path("/nowhere"), environ={})
    assert settings.digests[0].curator == "you@example.org"


def test_each_fault_of_a_file_with_sentences_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text(
        '[words]\npol = "x"\n[monthly]\nending = "That was {mnth}."\n', encoding="utf-8"
    )
    unknown, place = problems(f'{TAG}[[digest]]\nwords = "words.toml"\n', folder=tmp_path)
    assert unknown.startswith("digest[1].words: words.toml: words.pol: there is no such sentence")
    assert place.startswith("digest[1].words: words.toml: monthly.ending: unknown place {mnth}; accepted: {")
    assert place.count("accepted:") == 1


def test_two_series_of_one_name_are_refused() -> None:
    assert problems(f"{TAG}[[digest]]\n[[digest]]") == ['digest[2].series: "weekly" is the name of digest[1] too']


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            'host = "smtp.example.org"',
            'mail.from: missing; accepted: a name and an address, such as "Not coproduction <digest@example.org>"',
        ),
        (
            'from = "Nobody"',
            f'mail.from: not a sender: "Nobody"; accepted: {SENDERS}',
        ),
        (
            'host = "smtp.example.org:587"\nfrom = "me@example.org"',
            f'mail.host: not a host\'s name: "smtp.example.org:587"; accepted: {HOSTS}',
        ),
        (
            f'host = "smtp://me:{SECRET}@example.org"\nfrom = "me@example.org"',
            f"mail.host: not a host's name; accepted: {HOSTS}",
        ),
        ("port = 0", "mail.port: out of range: 0; accepted: a whole number from 1 to 65535"),
        ('port = "587"', "mail.port: wrong type (text); accepted: a whole number from 1 to 65535"),
        ('security = "ssl"', 'mail.security: unknown: "ssl"; accepted: "starttls", "tls" or "none"'),
        ('username = "me"', f"mail.password: missing secret; accepted: {PASSWORDS}"),
        ('password = "x"', f"mail.password: given without mail.username; accepted: {PASSWORDS}"),
        ("outbox = 5", 'mail.outbox: wrong type (a whole number); accepted: a folder, such as "outbox"'),
    ],
)
def test_a_fault_of_the_mail_table_has_its_line(text: str, line: str) -> None:
    assert problems(f"{TAG}[mail]\n{text}") == [line]


def test_every_fault_is_told_at_once_and_no_secret_in_any() -> None:
    text = f"""
        [collector]
        hashtags = ["a b"]
        [database]
        url = "mysql://me:{SECRET}@host"
        [polling]
        interval = "x"
        [[source]]
        kind = "mastodon"
        url = "https://me:{SECRET}@host.example"
        token = "{SECRET}"
        token_file = "{SECRET}"
        [[digest]]
        late_weeks = 99
        [mail]
        password = "{SECRET}"
        host = "{SECRET}@host"
    """
    lines = problems(text)
    assert [line.partition(": ")[0] for line in lines] == [
        "collector.hashtags[1]",
        "database.url",
        "polling.interval",
        "mail.host",
        "mail.password",
        "source[1].token_file",
        "source[1].url",
        "digest[1].late_weeks",
    ]
    assert SECRET not in "\n".join(lines)


@given(st.text() | st.integers() | st.lists(st.text()))
def test_a_value_is_shown_on_one_short_line(value: object) -> None:
    line = shown(value)
    assert line.isprintable()
    assert len(line) < 1_000


def test_a_mailbox_is_not_looked_into_more_than_once_a_minute() -> None:
    told = problems(TAG + '[bounces]\ninterval = "59s"')
    assert told == ['bounces.interval: too short: "59s"; accepted: a duration of a minute or more, such as "1h"']
    tables = tomllib.loads(TAG + '[bounces]\ninterval = "60s"')
    assert build_settings(tables, folder=Path("/nowhere"), environ={}).bounces.interval == timedelta(minutes=1)


def test_a_mailbox_for_what_comes_back_needs_a_name_to_log_in_with() -> None:
    told = problems(TAG + '[bounces]\nhost = "imap.example.org"\npassword = "x"')
    assert told == ["bounces.username: missing; accepted: the name to log in with"]
