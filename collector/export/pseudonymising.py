"""Rows of an export without the people in them: pseudonyms where people and posts are named, nothing for addresses.

What stays is what was said: whoever searches for the words of a text finds it where it was published. Pseudonymous is
not anonymous.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from collector.export.pseudonyms import Pseudonyms
from collector.model import ExportRow, KnownPerson
from collector.text.addresses import author_key
from collector.text.bluesky import did_in
from collector.text.names import A_PERSON, Names, Strangers, names_in
from collector.text.unnaming import Cast, unnamed

_SHORTEST = 3  # letters before an @: what is shorter is a word of many texts
_Author = tuple[str, str, str]  # key, handle, name


class People:
    """Everybody the database knows, by all that a text may call them."""

    def __init__(self, known: Iterable[KnownPerson], pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        self._names: dict[str, tuple[str, ...]] = {}  # by pseudonym
        self._called: dict[str, str] = {}  # the pseudonym by handle, DID or profile's address, in lower case
        owners: dict[str, set[str]] = {}
        for person in known:
            stand_in = pseudonyms.person(person.key)
            self._names[stand_in] = names_in(person.name)
            for past in person.past_handles:
                self._called.setdefault(past.lower(), stand_in)
            for now in (person.key, person.handle, (person.url or person.key).rstrip("/")):
                self._called[now.lower()] = stand_in
            for name in self._names[stand_in]:
                owners.setdefault(name, set()).add(stand_in)
        self.strangers = Strangers(
            {name: next(iter(owned)) if len(owned) == 1 else A_PERSON for name, owned in owners.items()}
        )
        self.cast = lru_cache(maxsize=16_384)(self._cast)

    def label(self, source: str) -> str:
        """A source is called as the operator likes, or by its host: that may be a person's handle or own page."""
        called = source.lower()
        return self._called.get(called) or self._called.get(f"https://{called}") or source

    def of_handle(self, handle: str) -> str:
        """The pseudonym of whoever has a handle, though nothing of theirs may be here."""
        return self._called.get(handle.lower()) or self.pseudonyms.person(author_key(handle))

    def of_mention(self, handle: str, url: str | None) -> str:
        """The pseudonym of somebody a post speaks to: by the DID where it leads to one, as handles change."""
        did = did_in(url) if url else None
        return self.pseudonyms.person(did) if did else self.of_handle(handle)

    def _cast(self, author: _Author, mentions: tuple[str, ...], urls: tuple[str | None, ...]) -> Cast:
        key, handle, name = author
        near: dict[str, str] = {}
        names: dict[str, str] = {}
        for stand_in, called, shown in [
            (self.pseudonyms.person(key), handle, names_in(name)),
            *((self.of_mention(*each), each[0], ()) for each in zip(mentions, urls, strict=True)),
        ]:
            short = called.partition("@" if "@" in called else ".")[0]
            near.setdefault(called.lower(), stand_in)
            near.setdefault(short.lower(), stand_in)
            for each in (*shown, *self._names.get(stand_in, ()), *([short] if len(short) >= _SHORTEST else [])):
                names.setdefault(each, stand_in)
        return Cast(
            near=near,
            names=Names(names),
            home=handle.rpartition("@")[2].lower(),
            known=self._called.get,
            of_handle=self.of_handle,
            strangers=self.strangers,
        )


def pseudonymised(rows: Iterable[ExportRow], people: People) -> Iterator[ExportRow]:
    """The same rows as they may leave the house."""
    post, label = people.pseudonyms.post, people.label
    for row in rows:
        cast = people.cast((row.author_id, row.author_handle, row.author_name), row.mentions, row.mention_urls)
        person = people.pseudonyms.person(row.author_id)
        yield row._replace(
            source=label(row.source),
            uri=post(row.uri),
            url=None,
            author_id=person,
            author_handle=person,
            author_name="",
            author_url=None,
            title=unnamed(row.title, cast),
            text=unnamed(row.text, cast),
            content_warning=unnamed(row.content_warning, cast),
            mentions=tuple(map(people.of_mention, row.mentions, row.mention_urls)),
            links=(),
            media_urls=(),
            media_alt_texts=_each(row.media_alt_texts, cast),
            reply_to_uri=post(row.reply_to_uri) if row.reply_to_uri else None,
            quote_of_uri=post(row.quote_of_uri) if row.quote_of_uri else None,
            seen_on=tuple(map(label, row.seen_on)),
            also_at=(),
            revisions=_each(row.revisions, cast),
            revision_titles=_each(row.revision_titles, cast),
            revision_content_warnings=_each(row.revision_content_warnings, cast),
        )


def _each(texts: tuple[str, ...], cast: Cast) -> tuple[str, ...]:
    return tuple([unnamed(text, cast) for text in texts]) if texts else ()
