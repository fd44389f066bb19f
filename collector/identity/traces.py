"""Where people and posts are named in what somebody else wrote: in mentions and links, in texts, in raw answers.

A trace is a piece of text with the names (`naming`) that it may stand for; whether one of them is meant is for others
to say. A post can be had without the traces of those who are.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from collector.identity.naming import handle_name, names_at, names_of_mention, post_names_at
from collector.model import Author, Media, Mention, Poll, Post

SOMEBODY = "@…"  # stands where a handle stood
SOMEWHERE = "…"  # where an address did

_HOST = r"(?:[\w-]{1,63}\.){1,8}(?:[^\W_]|-){2,63}"
_TRACE = re.compile(
    r"(?P<address>\b(?i:https?|at)://[^\s<>\"]+)"
    r"|(?P<did>\bdid:[a-z0-9]{1,20}:[A-Za-z0-9._:%-]{1,500})"
    rf"|(?P<page>(?<![\w@./:-]){_HOST}/[^\s<>\"]+)"
    rf"|(?P<handle>(?<![^\W_])(?<![.+%-])[@＠]?[\w.+%!&$*=~^-]{{1,128}}[@＠]{_HOST})"
    r"|(?P<short>(?<![\w/@＠])[@＠][\w.-]{0,252}\w)"
    rf"|(?P<domain>(?<![\w@./:-]){_HOST}(?![\w@-]))"
)
_MAY_HOLD_ONE = re.compile(r"[@＠:.]")
_TRAILING = ".,;:!?'’”»)]}…"


class Trace(NamedTuple):
    """A piece of a text, and whom or what it may name."""

    start: int
    end: int
    names: frozenset[str]
    instead: str  # what stands in its place where it is taken out


class Spot(NamedTuple):
    """A part of a post that may name somebody, or another post."""

    where: str
    what: str  # as it stands there
    names: frozenset[str]


def traces_in(text: str, home: str = "") -> Iterator[Trace]:
    """The traces in a text; on the fediverse `@user` alone is somebody of the writer's own host, which is `home`."""
    if not _MAY_HOLD_ONE.search(text):
        return
    for match in _TRACE.finditer(text):
        kind, found = match.lastgroup, match[0]
        if kind in {"address", "page", "did", "domain"}:
            found = found.rstrip(_TRAILING)
        end = match.start() + len(found)
        if kind in {"address", "page"}:
            yield Trace(match.start(), end, names_at(found if kind == "address" else f"https://{found}"), SOMEWHERE)
        elif kind == "did":
            yield Trace(match.start(), end, frozenset({found}), SOMEBODY)
        else:
            yield Trace(match.start(), end, _names_written(found, home), SOMEBODY)


def _names_written(handle: str, home: str) -> frozenset[str]:
    name = handle_name(handle.replace("＠", "@"))
    if "@" in name or handle[0] not in "@＠":
        return frozenset({name})
    return frozenset({name, f"{name}@{home}"} if home else {name})


def names_in(value: Any) -> set[str]:
    """All names in a piece of JSON, such as a raw answer: in its texts, with HTML's signs read."""
    if isinstance(value, str):
        return {name for trace in traces_in(html.unescape(value)) for name in trace.names}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {name for part in parts for name in names_in(part)}


def spots_in(post: Post) -> Iterator[Spot]:
    """Every part of a post that may name somebody else, or another post."""
    for mention in post.mentions:
        yield Spot("mention", mention.handle, names_of_mention(mention))
    for link in post.links:
        yield Spot("link", link, names_at(link))
    for media in post.media:
        yield Spot("media", media.url, names_at(media.url))
    told = {"reply_to_uri": post.reply_to_uri, "quote_of_uri": post.quote_of_uri, "copy_of": post.copy_of}
    for where, address in told.items():
        if address:
            yield Spot(where, address, names_at(address))
    if post.is_comment and post.title:
        yield Spot("title", post.title, _names_of_page(post))
    home = home_of(post)
    for where, text in _texts(post):
        yield from (Spot(where, text[trace.start : trace.end], trace.names) for trace in traces_in(text, home))


def _names_of_page(post: Post) -> frozenset[str]:
    """Of the page that a comment stands under, whose title it has."""
    return post_names_at(post.uri.partition("#")[0])


def _texts(post: Post) -> Iterator[tuple[str, str]]:
    yield from (("title", post.title), ("text", post.text), ("content_warning", post.content_warning))
    yield from (("alt_text", media.alt_text) for media in post.media if media.alt_text)
    yield from (("poll", option) for option in (post.poll.options if post.poll else ()))


def spots_of(author: Author) -> Iterator[Spot]:
    """Every part of a profile that may name somebody else."""
    yield from (Spot("link", link, names_at(link)) for link in author.links)
    yield from (Spot("name", author.name[trace.start : trace.end], trace.names) for trace in traces_in(author.name))


def home_of(post: Post) -> str:
    """The host that `@user` is of where its author writes it."""
    return handle_name(post.author.handle).partition("@")[2]


def without(post: Post, meant: Collection[str]) -> Post:
    """The post without what names any of these; the other words of its author stay."""
    cut = Cut(meant, post)
    return replace(
        post,
        author=author_without(post.author, meant),
        title="" if post.is_comment and _names_of_page(post) & cut.meant else cut.text(post.title),
        text=cut.text(post.text),
        content_warning=cut.text(post.content_warning),
        mentions=tuple(mention for mention in post.mentions if mention not in cut.mentions),
        links=cut.addresses(post.links),
        media=tuple(_described(media, cut) for media in post.media if cut.address(media.url)),
        poll=_asked(post.poll, cut),
        reply_to_uri=cut.address(post.reply_to_uri),
        quote_of_uri=cut.address(post.quote_of_uri),
        copy_of=cut.address(post.copy_of),
    )


def author_without(author: Author, meant: Collection[str]) -> Author:
    """The profile without what names any of these."""
    cut = Cut(meant)
    return replace(author, name=cut.text(author.name), links=cut.addresses(author.links))


def _described(media: Media, cut: Cut) -> Media:
    return replace(media, alt_text=media.alt_text and cut.text(media.alt_text))


def _asked(poll: Poll | None, cut: Cut) -> Poll | None:
    return poll and replace(poll, options=tuple(map(cut.text, poll.options)))


class Cut:
    """Takes names out of texts and addresses; those of a post, and earlier ones of it, as its author writes names."""

    def __init__(self, meant: Collection[str], post: Post | None = None) -> None:
        self.meant = frozenset(meant)
        self._home = home_of(post) if post else ""
        mentions = post.mentions if post else ()
        self.mentions = [mention for mention in mentions if names_of_mention(mention) & self.meant]
        self._written = _written(self.mentions, [mention for mention in mentions if mention not in self.mentions])

    def address(self, address: str | None) -> str | None:
        """The address, or nothing where it names one of them."""
        return None if address is None or names_at(address) & self.meant else address

    def addresses(self, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Those that name none of them."""
        return tuple(address for address in addresses if self.address(address))

    def text(self, text: str) -> str:
        """The text with a neutral mark in place of each name."""
        pieces, done = [], 0
        for trace in traces_in(text, self._home):
            if trace.names & self.meant:
                pieces += [text[done : trace.start], trace.instead]
                done = trace.end
        text = "".join([*pieces, text[done:]])
        return self._written.sub(SOMEBODY, text) if self._written else text


def _written(taken: Collection[Mention], kept: Collection[Mention]) -> re.Pattern[str] | None:
    """How a post may write those it speaks to, whatever signs their handles hold: in full, or as `@user`.

    The short form is left where somebody else in the post is called so, too.
    """
    shared = {handle_name(mention.handle).partition("@")[0] for mention in kept}
    forms: set[str] = set()
    for mention in taken:
        handle = mention.handle.lstrip("@＠")
        user = handle.partition("@")[0]
        forms.add(rf"[@＠]?{re.escape(handle)}" if "@" in handle else rf"[@＠]{re.escape(handle)}")
        if user.lower() not in shared:
            forms.add(rf"[@＠]{re.escape(user)}")
    if not forms:
        return None
    longest_first = "|".join(sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<![\w@＠])(?:{longest_first})(?!\w|[.-]\w|[^\s@＠,;:!]*[@＠])", re.IGNORECASE)
