"""`collector init`: asks what it needs and writes a commented configuration to begin with."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from collector.cli.calling import say

DEFAULT_HASHTAG = "notcoproduction"
DEFAULT_SERVER = "https://mastodon.social"

_ONE_WORD = "one word of letters, digits and _, such as notcoproduction; others can follow in the file"
_SERVER = "a server such as mastodon.social, without a page"
_BLOG = "the address of a blog or of a post in it, such as https://blog.example.org/2013/11/26/a-post/"
_MAIL = "an address such as me@example.org"
_CONTACT = "an e-mail address, or a page that begins with https://"

_NO = {"", "-", "no", "none", "nothing"}

T = TypeVar("T")
Ask = Callable[[str, str, Callable[[str], str]], str]  # question, default, how an answer is read
Option = Callable[[click.Context, click.Parameter, str | None], str | None]


def read_hashtag(text: str) -> str:
    """The hashtag without its '#'; click.BadParameter where it is none."""
    from collector.config.wording import hashtag

    return _or_ask_again(hashtag, text.strip().removeprefix("#"), _ONE_WORD)


def read_server(text: str) -> str:
    """The server's canonical address; a bare host is taken to speak HTTPS. click.BadParameter where it is none."""
    from collector.config.addresses import server_address

    address = text.strip()
    return _or_ask_again(server_address, address if "://" in address else f"https://{address}", _SERVER)


def read_blog(text: str) -> str:
    """The canonical address of a blog or a post of it, or nothing; click.BadParameter where it is neither."""
    from collector.config.addresses import page_address

    address = _without_no(text)
    if not address:
        return ""
    return _or_ask_again(page_address, address if "://" in address else f"https://{address}", _BLOG)


def read_mail(text: str) -> str:
    """The e-mail address in normal form, or nothing; click.BadParameter where it is neither."""
    from collector.config.addresses import mail_address

    return _or_ask_again(mail_address, address, _MAIL) if (address := _without_no(text)) else ""


def read_contact(text: str) -> str:
    """`mailto:` and an address (an address alone will do), an https:// page, or nothing; else click.BadParameter."""
    from collector.config.addresses import contact_address

    contact = _without_no(text)
    is_bare = "@" in contact and ":" not in contact
    return _or_ask_again(contact_address, f"mailto:{contact}" if is_bare else contact, _CONTACT) if contact else ""


def read_keeping(text: str) -> str:
    """A duration as the configuration writes it, or "forever"; click.BadParameter where it is neither."""
    from collector.config.durations import parse_keeping
    from collector.config.tables import FOREVER_FORM

    wanted = text.strip().lower()
    _or_ask_again(parse_keeping, wanted, FOREVER_FORM)
    return wanted


def _without_no(text: str) -> str:
    """An answer, empty where somebody wrote that there is none."""
    return "" if text.strip().lower() in _NO else text.strip()


def _or_ask_again(read: Callable[[str], T], text: str, accepted: str) -> T:
    """What a prompt needs to ask once more, and the command line to refuse an option."""
    try:
        return read(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}; accepted: {accepted}") from error


def _option(read: Callable[[str], str]) -> Option:
    return lambda _context, _parameter, text: None if text is None else read(text)


@click.command("init", short_help="Write a configuration to begin with.")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--hashtag", metavar="T", callback=_option(read_hashtag), help="The hashtag to collect.")
@click.option("--server", metavar="URL", callback=_option(read_server), help="A server to ask for posts.")
@click.option("--blog", metavar="URL", callback=_option(read_blog), help="A blog post whose comments count, too.")
@click.option("--mail", metavar="ADDRESS", callback=_option(read_mail), help="Where the digest goes.")
@click.option("--yes", is_flag=True, help="Ask nothing; take defaults for what is not given.")
def command(
    folder: Path, hashtag: str | None, server: str | None, blog: str | None, mail: str | None, yes: bool
) -> None:
    """Write a commented collector.toml into DIR (default: here), after asking what it needs.

    Without a terminal, or with --yes, nothing is asked. A file that exists is never overwritten.
    """
    from collector.config.starter import Answers, starter_file

    target = folder / "collector.toml"
    _refuse_existing(target)
    ask: Ask = _ask if _is_asked(yes) else _take_default
    blog_text = "A blog post whose comments count, too? Its address (Enter for none)"
    mail_text = "Where should the digest go? An e-mail address (Enter to have it in a folder)"
    keep_text = 'How long should posts be kept? Such as 365d, or "forever"'
    contact_text = "How can people who run a server reach you? An e-mail address or an https:// page"
    hashtag = hashtag or ask("Which hashtag?", DEFAULT_HASHTAG, read_hashtag)
    server = server or ask("Which server shows its posts?", DEFAULT_SERVER, read_server)
    blog = ask(blog_text, "", read_blog) if blog is None else blog
    mail = ask(mail_text, "", read_mail) if mail is None else mail
    keep = ask(keep_text, "forever", read_keeping)
    contact = ask(contact_text, mail, read_contact)
    zone = local_zone(os.environ, Path("/etc/localtime"))
    answers = Answers(hashtag=hashtag, server=server, blog=blog, mail=mail, contact=contact, keep=keep, timezone=zone)
    _write(target, starter_file(answers))
    say(what_next(target, folder, mail))


def _is_asked(yes: bool) -> bool:
    return not yes and sys.stdin is not None and sys.stdin.isatty()


def _ask(question: str, default: str, read: Callable[[str], str]) -> str:
    answer: str = click.prompt(question, default=default, show_default=bool(default), value_proc=read, err=True)
    return answer


def _take_default(_question: str, default: str, read: Callable[[str], str]) -> str:
    return read(default)


def local_zone(environ: Mapping[str, str], link: Path) -> str:
    """The time zone of this computer as `$TZ` or the system's link says it; UTC where neither does."""
    from collector.config.schedules import zone_name

    try:
        linked = os.readlink(link).partition("zoneinfo/")[2]  # noqa: PTH115 (its text, also where it leads nowhere)
    except OSError:
        linked = ""
    for name in (environ.get("TZ", "").removeprefix(":"), linked):
        try:
            return zone_name(name)
        except ValueError:
            continue
    return "UTC"


def _refuse_existing(target: Path) -> None:
    from collector.errors import OutputError

    if os.path.lexists(target):
        raise OutputError(f"{target}: there already, and never overwritten")


def _write(target: Path, text: str) -> None:
    from collector.errors import OutputError

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{target}: cannot be written: {reason}") from error


def what_next(target: Path, folder: Path, mail: str) -> str:
    """The lines that say what was done and which commands follow."""
    enter = [] if folder == Path() else [f"  cd {shlex.quote(str(folder))}"]
    goes_to = f"mails to {mail} are files in the folder outbox" if mail else "digests are files in the folder outbox"
    return "\n".join(
        [
            f"Wrote {target}.",
            f"Until it names a mail server, {goes_to}. Next:",
            *enter,
            "  collector check    is everything as it should be?",
            "  collector poll     fetch the posts now",
            "  collector run      keep fetching, and send the digest every week",
        ]
    )
