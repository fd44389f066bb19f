"""`collector add`: an example that somebody pointed out."""

from __future__ import annotations

import click

from collector.cli.calling import the_app


@click.command("add", short_help="Keep one post by its address.")
@click.argument("url")
@click.option("--hashtag", metavar="T", help="The topic it counts for (default: the first configured hashtag).")
def command(url: str, hashtag: str | None) -> None:
    """Keep the post at URL, tagged or not: an example somebody pointed out."""
    with the_app() as app:
        post, is_new = app.add_post(url, hashtag)
    what = "kept" if is_new else "known already"
    click.echo(f"{what}: {post.author.handle}, {post.published_at:%Y-%m-%d}: {post.uri}")
