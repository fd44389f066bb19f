"""One request, as what answers it sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from collector.config import Listen, Settings
from collector.links import Pages, Signer
from collector.storage.database import Database
from collector.storage.schema import read_secret
from collector.web.allowances import Allowance, Purses
from collector.words import Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What is the same for every visit."""

    database: Database
    settings: Settings
    now: Callable[[], datetime]
    pages: Pages  # paths, for links from one page to another
    public: Pages  # whole addresses, for what leaves the site: feeds, mails, cards
    purses: Purses = field(default_factory=Purses)

    @property
    def words(self) -> Words:
        """The language of what belongs to no series: that of the first one."""
        return self.settings.digests[0].words


def make_site(database: Database, settings: Settings, listen: Listen, now: Callable[[], datetime]) -> Site:
    """The site as it is served at this address of the machine, which readers use where there is no base address."""
    base = settings.web.base_url or f"http://{listen}"
    return Site(
        database=database,
        settings=settings,
        now=now,
        pages=Pages(base=urlsplit(base).path.rstrip("/")),
        public=Pages(base=base),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """A request with all that its answer may depend on: no cookie is read, and no header but the browser's address."""

    site: Site
    words: Words  # the language it is answered in
    now: datetime
    client: str  # the visitor's IP address; it is written down nowhere
    query: MultiDict[str, str]
    form: MultiDict[str, str]  # of a POST

    @property
    def database(self) -> Database:
        """Where everything stands."""
        return self.site.database

    @property
    def settings(self) -> Settings:
        """The configuration."""
        return self.site.settings

    @property
    def pages(self) -> Pages:
        """Where the other pages are."""
        return self.site.pages

    @property
    def public(self) -> Pages:
        """Their whole addresses."""
        return self.site.public

    @property
    def signer(self) -> Signer:
        """Reads and makes signed links, with the secret of the database as it is now."""
        with self.database.read() as conn:
            return Signer(key=read_secret(conn))

    def speaking(self, words: Words) -> Visit:
        """The same visit, answered in the language of a series."""
        return replace(self, words=words)

    def without_query(self) -> Visit:
        """The same visit of a page that asks for nothing."""
        return replace(self, query=MultiDict())

    def with_form(self, form: MultiDict[str, str]) -> Visit:
        """The same visit with what a POST brought."""
        return replace(self, form=form)

    def spend(self, allowance: Allowance) -> None:
        """Takes one from what this client may do in a while; Refusal (429) where nothing is left."""
        self.site.purses.spend(allowance, self.client, self.now)
