"""`collector forget`: somebody, or a post, erased everywhere and never collected again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from collector.cli.calling import say, the_app
from collector.cli.tables import count
from collector.text.mailaddresses import folded_address

if TYPE_CHECKING:
    from collector.forgetting import Erased, Request
    from collector.storage.searching import Found

_BEYOND = (
    "What cannot be reached from here: mails that were sent, exports and backups made before, and what the servers"
    " themselves show."
)
_BEYOND_POSTGRESQL = "PostgreSQL keeps what was erased in its write-ahead log, and in backups of it, until they expire."


@click.command("forget", short_help="Erase somebody, or a post, and never collect it again.")
@click.argument("name", metavar="HANDLE|URL")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(name: str, yes: bool) -> int:
    """Erase everything of a person, or one post, and never collect it again: not after a restore or an import either.

    A person is known by any handle they had (user@host), by a DID, or by the address of their profile; a post by any of
    its addresses. Others' posts stay, without the name. It cannot be undone: in a terminal it says what there is, and
    asks. Ends with 1 if something is left to do.
    """
    from collector.forgetting import forget, look
    from collector.subscribing.leaving import erase

    with the_app(needs="ready") as app:
        request = look(app.memory, name)
        _confirm(request, yes)
        erased = forget(app.memory, request, app.now())
        if request.asked.reader:  # whatever list or configuration names them
            erase(app.readership, request.asked.reader, app.now())
        is_sqlite = app.database.is_sqlite
        fixed = [address for series in app.settings.digests for address in series.to]
        is_fixed = request.asked.reader in map(folded_address, fixed)
    click.echo(f"forgotten: {name}: {', '.join(_done(request, erased))}")
    say(_BEYOND if is_sqlite else f"{_BEYOND} {_BEYOND_POSTGRESQL}")
    if is_fixed:
        say(f"{request.asked.reader} still stands in 'to' in the configuration: nothing goes there; take it out.")
    for line in erased.left:
        click.echo(f"collector: {line}; call the same command again", err=True)
    return int(bool(erased.left))


def _confirm(request: Request, yes: bool) -> None:
    """In a terminal, where somebody may have mistyped a name; a script has said what it means."""
    if yes or sys.stdin is None or not sys.stdin.isatty():
        return
    for line in describe(request):
        click.echo(line, err=True)
    click.confirm("Forget this for good?", abort=True, err=True)


def describe(request: Request) -> Iterator[str]:
    """What would be forgotten, in a few lines."""
    yield _name(request)
    if not request.is_known:
        again = f", since it was forgotten on {request.forgotten_at:%Y-%m-%d}" if request.forgotten_at else ""
        yield f"  Nothing of it is kept here{again}. If you go on, nothing of it will ever be."
        return
    yield f"  {', '.join(_amounts(request))}"
    if request.amount.digests:
        yield f"  {count(request.amount.digests, 'digest')}, where they will be counted as taken back"
    if request.found.naming or request.found.linking:
        yield f"  {' and '.join(_named(request.found))} of others, from which the name is taken out"
    if request.mails:
        yield f"  {count(request.mails, 'mail')} in the outbox, to be removed; 'collector digest show' makes them anew"


def _name(request: Request) -> str:
    if request.post is not None:
        return f"The post of {request.post.handle} of {request.post.published_at:%Y-%m-%d}: {request.post.uri}"
    if request.person is None:
        return request.asked.text
    others = [handle for handle in request.person.handles if handle != request.person.handle]
    known_as = f", known as {', '.join(others)}, too" if others else ""
    return f"{request.person.name or 'Nameless'} ({request.person.handle}){known_as}"


def _amounts(request: Request) -> Iterator[str]:
    amount, copies = request.amount, len(request.found.copies)
    among = f" ({copies:,} under another account)" if copies else ""
    yield count(amount.posts, "post") + among
    if amount.earlier_texts:
        yield count(amount.earlier_texts, "earlier text")
    if amount.answers:
        yield count(amount.answers, "kept answer")
    if request.found.deliveries:
        yield f"{count(len(request.found.deliveries), 'mail')} to them written down"
    if request.found.readers:
        yield "what they are subscribed to"


def _named(found: Found) -> Iterator[str]:
    if found.naming:
        yield count(len(found.naming), "post")
    if found.linking:
        yield count(len(found.linking), "profile")


def _done(request: Request, erased: Erased) -> Iterator[str]:
    if not request.is_known:
        yield "nothing of it was kept, and nothing ever will be"
        return
    yield from _amounts(request)
    if named := list(_named(erased.found)):
        yield f"the name in {' and '.join(named)} of others"
    if erased.mails:
        yield f"{count(erased.mails, 'mail')} in the outbox"
