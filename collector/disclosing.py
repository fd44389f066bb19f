"""Everything that is held about a person, to answer somebody who asks: gathered as it is, and what each part means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collector.errors import UnknownNameError
from collector.forgetting import Memory
from collector.identity.asked import Asked, read_asked
from collector.identity.bridges import with_mirrors
from collector.identity.traces import Spot
from collector.storage.database import Connection
from collector.storage.disclosing import read_account, read_answers, read_deliveries, read_rejections, stream_posts
from collector.storage.disclosing_readers import read_reader
from collector.storage.forgotten import Forgotten, read_forgotten
from collector.storage.people import find_person, names_of_person
from collector.storage.remembering import read_file
from collector.storage.searching import Found, Meant, naming_posts, naming_profiles, naming_revisions, search
from collector.text.packing import unpack

_MEANING = {
    "accounts": "the profile as it was read last, who told it (told_by), what it asks for (wishes), every handle it"
    " was seen with, and when its first post was found",
    "posts": "each post with all that is kept of it: its text and numbers, the addresses it is known by, its hashtags,"
    " the topics it counts for, where and when it was seen, earlier texts, what servers answered (without pictures"
    " of people), the digests it stood in, and under 'standing' whether it is shown, and if not, why",
    "copies": "the same words under another account, made by a bridge or posted twice",
    "mentions": "posts of others that name this person, or did before they were edited: the post's address, and what in"
    " it does",
    "profiles": "accounts of others whose profile names this person, and what in it does",
    "answers": "what servers answered about posts of others, where it names this person: which post, whence, and when",
    "unreadable": "answers of servers that could not be read as a post, and that name this person",
    "deliveries": "digests sent to this mail address",
    "reader": "what this mail address is subscribed to, or was: since when, how its owner agreed, the letters about it,"
    " and mails that came back from there",
}


def disclose(memory: Memory, text: str) -> Iterator[tuple[str, Any]]:
    """The parts in order, each a value or an iterator to be read before the next; everything is of one moment.

    UnknownNameError, before the first part, where nothing is held, or where several people are called so.
    """
    try:
        asked = read_asked(text)
    except ValueError as error:
        raise UnknownNameError(f"{text!r} names nobody: {error}") from error
    with memory.database.read() as conn:
        person = find_person(conn, asked)
        names = with_mirrors(names_of_person(conn, person) if person else asked.accounts)
        found = search(conn, names.intersection) if names else Found()
        reader = read_reader(conn, asked.reader) if asked.reader else None
        sent = reader.pop("deliveries") if reader else read_deliveries(conn, [asked.name])
        if not (found or sent or reader):
            raise UnknownNameError(_say_nothing(memory, conn, asked, names))
        yield "about", text
        yield "meaning", _MEANING
        yield "accounts", [read_account(conn, author_id) for author_id in sorted(found.authors)]
        yield "posts", (_read(row) for row in stream_posts(conn, found.posts - found.copies))
        yield "copies", (_read(row) for row in stream_posts(conn, found.copies))
        yield "mentions", _mentions(conn, names.intersection, found)
        yield "profiles", _profiles(conn, names.intersection, found)
        yield "answers", read_answers(conn, found.answers)
        yield "unreadable", (_decoded(row) for row in read_rejections(conn, found.rejections))
        yield "deliveries", sent
        yield "reader", reader


def _say_nothing(memory: Memory, conn: Connection, asked: Asked, names: frozenset[str]) -> str:
    known = read_file(memory.file, Forgotten).united(read_forgotten(conn))
    if at := known.forgotten_at(names):
        return (
            f"nothing is held about {asked.text}; that they were forgotten on {at:%Y-%m-%d} is kept as keyed hashes,"
            " so that it stays so"
        )
    return f"nothing is held about {asked.text}"


def _mentions(conn: Connection, meant: Meant, found: Found) -> Iterator[dict[str, Any]]:
    """Only what concerns them: the other words of those posts are others'."""
    for read in (naming_posts, naming_revisions) if found.naming else ():
        for naming in read(conn, meant, found.posts):
            yield {"post": naming.uri, "published_at": naming.published_at, "named_as": _spots(naming.spots)}


def _profiles(conn: Connection, meant: Meant, found: Found) -> Iterator[dict[str, Any]]:
    for profile in naming_profiles(conn, meant) if found.linking else ():
        if profile.id in found.linking:
            yield {"handle": profile.handle, "named_as": _spots(profile.spots)}


def _spots(spots: Iterable[Spot]) -> list[dict[str, str]]:
    return [{"where": spot.where, "what": spot.what} for spot in spots]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "addresses": [item["address"] for item in row["addresses"]],
        "raw_answers": [_decoded(item) for item in row["raw_answers"]],
        "standing": standing(row),
    }


def _decoded(row: dict[str, Any]) -> dict[str, Any]:
    """With the answer in place of its packed form; None where nobody can read it."""
    kept = dict(row)
    try:
        kept["answer"] = unpack(kept.pop("body"))
    except ValueError:
        kept["answer"] = None
    return kept


def standing(row: dict[str, Any]) -> list[str]:
    """Whether a post is shown, in words; all the reasons where it is not."""
    withdrawn = bool(row["topics"]) and all(topic["withdrawn_at"] for topic in row["topics"])
    reasons = {
        f"gone: {row['gone_why'] or 'its server no longer shows it'}": row["gone_at"],
        f"erased: {row['erased_why']}": row["erased_at"],
        "hidden by who runs this collector": row["hidden_at"],
        "its account is hidden by who runs this collector": row["account_hidden_at"],
        "its author asks not to be collected": row["account_is_opted_out"],
        "withdrawn: its author edited the hashtag away": withdrawn,
    }
    return [reason for reason, is_so in reasons.items() if is_so] or ["shown"]
