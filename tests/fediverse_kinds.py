"""How GoToSocial, Takahē and Mastodon each make ids, addresses and HTML: what the fake servers have to imitate.

Seen on the real software (GoToSocial 0.20, Takahē 0.11), or taken from Mastodon's documentation and code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from collector.demo.fediverse import GOTOSOCIAL, TAKAHE, Dialect, fold_hashtag
from collector.demo.server import Answer, json_answer

MASTODON = Dialect(
    native_id=re.compile(r"[0-9]+"),
    on_strange_cursor=json_answer([]),
    without_token=json_answer({"error": "This method requires an authenticated user"}, status=422),
    with_bad_token=json_answer({"error": "The access token is invalid"}, status=401),
    on_unused_hashtag=json_answer([]),
    on_missing_status=json_answer({"error": "Record not found"}, status=404),
    on_missing_path=Answer(
        status=404, body=b"<!DOCTYPE html><title>Not found</title>", headers={"Content-Type": "text/html"}
    ),
)

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAKAHE_EPOCH = datetime(2022, 1, 1, 7, tzinfo=UTC)
_TOKENS = re.compile(
    r"(?P<link>https?://[^\s<>]+)"
    r"|(?<![\w/&])[#＃](?P<hashtag>\w*[^\W\d]\w*)"
    r"|(?<![\w/])@(?P<user>\w+)(?:@(?P<host>[\w.-]+\w))?"
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One server software."""

    name: str
    dialect: Dialect
    version: str
    post_uri: str  # formats with domain, user, id
    post_url: str
    user_url: str  # formats with domain, user
    hashtag_url: str  # formats with domain, tag
    hashtag_link: str  # formats with url, word
    mention_link: str  # formats with url, user
    make_id: Callable[[datetime, int], str]
    escape: Callable[[str], str]
    hidden_scheme: bool  # links show without https://, which sits in an invisible span
    line_break: str
    paragraphs: bool  # an empty line begins a paragraph; otherwise it is two line breaks
    full_handles: bool = False  # its own people, too, are shown as user@host
    late_ids_follow_creation: bool = False  # also where a post is delivered late
    keeps_untagged: bool = False  # a post stays in the timeline after an edit removed the tag
    replies_shown: str = "all"  # in a tag timeline: "all", "own" (to oneself), "none"


def _milliseconds(since: datetime, at: datetime) -> int:
    return (at - since) // timedelta(milliseconds=1)


def make_ulid(at: datetime, serial: int) -> str:
    """26 characters: 48 bits of milliseconds, then the serial number in place of chance."""
    number = _milliseconds(_EPOCH, at) << 80 | serial
    return "".join(_BASE32[number >> 5 * place & 31] for place in reversed(range(26)))


def make_snowflake(at: datetime, serial: int) -> str:
    """Mastodon's: milliseconds, then 16 bits."""
    return str(_milliseconds(_EPOCH, at) << 16 | serial & 0xFFFF)


def make_takahe_id(at: datetime, serial: int) -> str:
    """Takahē's: milliseconds since 2022, 19 bits, and 3 bits that say it is a post."""
    return str(_milliseconds(_TAKAHE_EPOCH, at) << 22 | (serial & 0x7FFFF) << 3)


def _escape_little(text: str) -> str:
    return re.sub(r"&(?=[#\w])", "&amp;", text).replace("<", "&lt;")


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            name="gotosocial",
            dialect=GOTOSOCIAL,
            version="0.20.0-rc1",
            post_uri="https://{domain}/users/{user}/statuses/{id}",
            post_url="https://{domain}/@{user}/statuses/{id}",
            user_url="https://{domain}/@{user}",
            hashtag_url="https://{domain}/tags/{tag}",
            hashtag_link='<a href="{url}" class="mention hashtag" rel="tag nofollow noreferrer noopener"'
            ' target="_blank">#<span>{word}</span></a>',
            mention_link='<span class="h-card"><a href="{url}" class="u-url mention"'
            ' rel="nofollow noreferrer noopener" target="_blank">@<span>{user}</span></a></span>',
            make_id=make_ulid,
            escape=_escape_little,
            hidden_scheme=False,
            line_break="<br>",
            paragraphs=False,
            late_ids_follow_creation=True,
            keeps_untagged=True,
            replies_shown="own",
        ),
        Kind(
            name="takahe",
            dialect=TAKAHE,
            version="takahe/0.11.0",
            post_uri="https://{domain}/@{user}@{domain}/posts/{id}/",
            post_url="https://{domain}/@{user}/posts/{id}/",
            user_url="https://{domain}/@{user}/",
            hashtag_url="https://{domain}/tags/{tag}/",
            hashtag_link='<a href="{url}" class="mention hashtag" rel="tag">#{word}</a>',
            mention_link='<span class="h-card"><a href="{url}" class="u-url mention"'
            ' rel="nofollow noopener noreferrer" target="_blank">@<span>{user}</span></a></span>',
            make_id=make_takahe_id,
            escape=html.escape,
            hidden_scheme=True,
            line_break="<br>",
            paragraphs=True,
            full_handles=True,
            replies_shown="none",
        ),
        Kind(
            name="mastodon",
            dialect=MASTODON,
            version="4.5.0",
            post_uri="https://{domain}/users/{user}/statuses/{id}",
            post_url="https://{domain}/@{user}/{id}",
            user_url="https://{domain}/@{user}",
            hashtag_url="https://{domain}/tags/{tag}",
            hashtag_link='<a href="{url}" class="mention hashtag" rel="tag">#<span>{word}</span></a>',
            mention_link='<span class="h-card" translate="no"><a href="{url}" class="u-url mention">'
            "@<span>{user}</span></a></span>",
            make_id=make_snowflake,
            escape=lambda text: html.escape(text).replace("&#x27;", "&#39;"),
            hidden_scheme=True,
            line_break="<br />",
            paragraphs=True,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A text as a server publishes it."""

    content: str
    hashtags: tuple[str, ...]  # folded, each once, in order
    mentions: tuple[tuple[str, str], ...]  # (user, host)


def mark_up(kind: Kind, domain: str, text: str) -> Marked:
    """The HTML that a server makes from what somebody typed."""
    hashtags: dict[str, None] = {}
    mentions: dict[tuple[str, str], None] = {}
    pieces: list[str] = []
    position = 0
    for token in _TOKENS.finditer(text):
        pieces.append(kind.escape(text[position : token.start()]))
        position = token.end()
        if token["hashtag"]:
            hashtags[fold_hashtag(token["hashtag"])] = None
            pieces.append(_hashtag_link(kind, domain, token["hashtag"]))
        elif token["user"]:
            mentions[token["user"], token["host"] or domain] = None
            pieces.append(_mention_link(kind, token["user"], token["host"] or domain))
        else:
            pieces.append(_web_link(kind, token["link"]))
    pieces.append(kind.escape(text[position:]))
    return Marked(content=_break_lines(kind, "".join(pieces)), hashtags=tuple(hashtags), mentions=tuple(mentions))


def add_hashtags(text: str, hashtags: Iterable[str]) -> str:
    """The text, with those hashtags at its end that it does not carry yet."""
    carried = {fold_hashtag(token["hashtag"]) for token in _TOKENS.finditer(text) if token["hashtag"]}
    missing = [f"#{hashtag}" for hashtag in hashtags if fold_hashtag(hashtag) not in carried]
    return " ".join([text, *missing] if text else missing)


def _hashtag_link(kind: Kind, domain: str, word: str) -> str:
    url = kind.hashtag_url.format(domain=domain, tag=quote(fold_hashtag(word)))
    return kind.hashtag_link.format(url=url, word=word)


def _mention_link(kind: Kind, user: str, host: str) -> str:
    return kind.mention_link.format(url=kind.user_url.format(domain=host, user=user), user=user)


def _web_link(kind: Kind, address: str) -> str:
    safe = html.escape(address)
    if not kind.hidden_scheme:
        return f'<a href="{safe}" rel="nofollow noreferrer noopener" target="_blank">{safe}</a>'
    scheme, _, rest = safe.partition("://")
    shown, cut = rest[:30], rest[30:]
    css = ' class="ellipsis"' if cut else ""
    return (
        f'<a href="{safe}" rel="nofollow noopener" target="_blank"><span class="invisible">{scheme}://</span>'
        f'<span{css}>{shown}</span><span class="invisible">{cut}</span></a>'
    )


def _break_lines(kind: Kind, content: str) -> str:
    if kind.paragraphs:
        content = re.sub(r"\n{2,}", "</p><p>", content)
    return f"<p>{content}</p>".replace("\n", kind.line_break)
