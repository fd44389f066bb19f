from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli.init import command, local_zone
from collector.config import Settings, load_settings
from collector.config.starter import Answers, starter_file
from collector.errors import OutputError


def init(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def load(folder: Path) -> Settings:
    return load_settings(folder / "collector.toml", {}, folder)


def test_without_answers_it_takes_defaults_that_run(tmp_path: Path) -> None:
    result = init(str(tmp_path / "new" / "folder"), "--yes")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    settings = load(tmp_path / "new" / "folder")
    assert settings.topics == ("notcoproduction",)
    assert [source.address for source in settings.sources] == ["https://mastodon.social"]
    assert settings.collector.contact == ""
    assert settings.digests[0].to == ("me@localhost",)
    assert settings.mail.host is None
    assert settings.mail.outbox == tmp_path / "new" / "folder" / "outbox"


def test_what_is_given_is_written_in_its_normal_form(tmp_path: Path) -> None:
    result = init(
        str(tmp_path), "--hashtag", "#DimCyd\u200cgynhyrchu", "--server", "Fedi.Example", "--mail", "me@EXAMPLE.org"
    )
    assert result.exit_code == 0, result.output
    settings = load(tmp_path)
    assert settings.collector.hashtags == ("DimCyd\u200cgynhyrchu",)
    assert settings.sources[0].address == "https://fedi.example"
    assert settings.digests[0].to == ("me@example.org",)
    assert settings.mail.sender.address == "me@example.org"
    assert settings.collector.contact == "mailto:me@example.org"
    assert not settings.sources[0].allow_private_network


@pytest.mark.parametrize(
    "server", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:80", "http://10.1.2.3"]
)
def test_a_server_of_ones_own_network_may_be_polled(tmp_path: Path, server: str) -> None:
    assert init(str(tmp_path), "--server", server).exit_code == 0
    assert load(tmp_path).sources[0].allow_private_network


def test_a_blog_post_becomes_a_source_whose_comments_all_count(tmp_path: Path) -> None:
    assert init(str(tmp_path), "--blog", "http://127.0.0.1:8088/2013/11/26/a-post/#comment-2").exit_code == 0
    _, blog = load(tmp_path).sources
    assert (blog.kind, blog.url, blog.collect) == ("wordpress", "http://127.0.0.1:8088/2013/11/26/a-post/", "comments")
    assert blog.allow_private_network


def test_it_shows_how_pages_and_probes_are_switched_on(tmp_path: Path) -> None:
    assert init(str(tmp_path)).exit_code == 0
    file = tmp_path / "collector.toml"
    settings = load(tmp_path)
    assert (settings.web.listen, settings.web.base_url, settings.health.listen) == (None, None, None)
    file.write_text(re.sub(r"^#(listen|base_url)", r"\1", file.read_text(encoding="utf-8"), flags=re.MULTILINE))
    settings = load(tmp_path)
    assert str(settings.web.listen) == "127.0.0.1:8080"
    assert settings.web.base_url == "https://digest.example.org"
    assert str(settings.health.listen) == "127.0.0.1:9464"


@pytest.mark.parametrize(
    ("mail", "contact", "warned"),
    [
        ("me@example.org", "", ("me@example.org",)),
        ("list@example.org", "mailto:ops@example.org", ("ops@example.org",)),
        ("list@example.org", "https://example.org/about", ("list@example.org",)),
        ("", "", ()),
    ],
)
def test_whoever_can_be_reached_is_warned(tmp_path: Path, mail: str, contact: str, warned: tuple[str, ...]) -> None:
    answers = Answers(
        hashtag="x", server="https://x.example", blog="", mail=mail, contact=contact, timezone="UTC", keep="365d"
    )
    (tmp_path / "collector.toml").write_text(starter_file(answers), encoding="utf-8")
    assert load(tmp_path).warnings.to == warned


def test_it_says_what_comes_next(tmp_path: Path) -> None:
    result = init(str(tmp_path / "a b"), "--yes")
    assert result.stderr.splitlines() == [
        f"Wrote {tmp_path}/a b/collector.toml.",
        "Until it names a mail server, digests are files in the folder outbox. Next:",
        f"  cd '{tmp_path}/a b'",
        "  collector check    is everything as it should be?",
        "  collector poll     fetch the posts now",
        "  collector run      keep fetching, and send the digest every week",
    ]


def test_it_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text("precious", encoding="utf-8")
    result = init(str(tmp_path), "--yes")
    assert result.exit_code == 1
    assert isinstance(result.exception, OutputError)
    assert str(result.exception) == f"{tmp_path}/collector.toml: there already, and never overwritten"
    assert (tmp_path / "collector.toml").read_text(encoding="utf-8") == "precious"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = init(str(tmp_path / "file" / "inner"), "--yes")
    assert isinstance(result.exception, OutputError)
    assert str(result.exception) == f"{tmp_path}/file/inner/collector.toml: cannot be written: not a directory"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--hashtag", "not-one", 'not a hashtag: "not-one"'),
        ("--server", "ftp://x.example", 'not a server\'s address: "ftp://x.example"'),
        ("--blog", "b.example:x", 'not an address: "https://b.example:x"'),
        ("--mail", "nobody", 'not an e-mail address: "nobody"'),
    ],
)
def test_an_option_that_is_wrong_is_the_command_lines_fault(
    tmp_path: Path, option: str, value: str, message: str
) -> None:
    result = init(str(tmp_path), option, value)
    assert result.exit_code == 2
    assert f"Error: Invalid value for '{option}': {message}" in result.stderr
    assert not (tmp_path / "collector.toml").exists()


def test_in_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    server, blog = ["https://x.example/y", "x.example"], ["ftp://b.example", "b.example/p"]
    answers = ["a b", "#OneTag", *server, *blog, "me@", "me@example.org", "soon", "0d", "730d", "https://me.example"]
    code, shown = in_terminal(tmp_path, "".join(f"{answer}\n" for answer in answers))
    assert code == 0, shown
    assert 'Error: not a hashtag: "a b"; accepted: one word of letters' in shown
    assert 'Error: more than a server\'s address: "https://x.example/y"' in shown
    settings = load(tmp_path)
    assert settings.collector.hashtags == ("OneTag",)
    assert [source.url for source in settings.sources] == ["https://x.example", "https://b.example/p"]
    assert settings.digests[0].to == ("me@example.org",)
    assert settings.collector.contact == "https://me.example"
    assert settings.database.keep_posts_for == timedelta(days=730)
    assert 'Error: not a duration: "soon"; accepted: a number and s, m, h or d, such as "10m", or "forever"' in shown


def test_in_a_terminal_enter_takes_what_is_offered(tmp_path: Path) -> None:
    code, shown = in_terminal(tmp_path, "\n\n\n\n\n\n")
    assert code == 0, shown
    assert "Which hashtag? [notcoproduction]:" in shown
    assert load(tmp_path).topics == ("notcoproduction",)


def in_terminal(folder: Path, typed: str) -> tuple[int, str]:
    """The command with a real terminal for its input."""
    controller, terminal = pty.openpty()
    try:
        os.write(controller, typed.encode())
        code = "from collector.cli.init import command; command()"
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder)],
            stdin=terminal,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=30,
            check=False,
            env=os.environ | {"PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"},
        )
    finally:
        os.close(controller)
        os.close(terminal)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("environ", "link", "zone"),
    [
        ({"TZ": ":Asia/Tokyo"}, "/usr/share/zoneinfo/Europe/London", "Asia/Tokyo"),
        ({}, "/usr/share/zoneinfo/Europe/London", "Europe/London"),
        ({"TZ": ":nonsense"}, "../zoneinfo/Europe/London", "Europe/London"),
        ({}, "/etc/somewhere", "UTC"),
        ({}, None, "UTC"),
    ],
)
def test_the_time_zone_is_the_computers(tmp_path: Path, environ: dict[str, str], link: str | None, zone: str) -> None:
    if link is not None:
        (tmp_path / "localtime").symlink_to(link)
    assert local_zone(environ, tmp_path / "localtime") == zone
