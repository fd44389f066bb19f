"""`collector hide` and `collector unhide`: what is kept out of digests and exports."""

from __future__ import annotations

import click

from collector.cli.calling import the_app


@click.command("hide", short_help="Keep a post or an author out of digests and exports.")
@click.argument("url", required=False)
@click.option("--author", metavar="HANDLE", help="Everything of this author, known as user@host.")
def command(url: str | None, author: str | None) -> None:
    """Keep the post at URL, or everything of an author, out of digests and exports. It is not deleted."""
    set_hidden(url, author, is_hidden=True)


def set_hidden(url: str | None, author: str | None, *, is_hidden: bool) -> None:
    """Hides, or lets in again, either a post or an author."""
    from collector.storage.curation import hide_author, hide_post

    if (url is None) == (author is None):
        raise click.UsageError("give either the URL of a post or --author HANDLE")
    with the_app(needs="ready") as app:
        at = app.now() if is_hidden else None
        with app.database.write() as conn:
            known = hide_post(conn, url, at) if url is not None else hide_author(conn, author or "", at)
    click.echo(f"{'hidden' if is_hidden else 'shown again'}: {known}")
