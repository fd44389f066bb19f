"""Where each page stands: addresses that stay as they are, since mails and feeds name them for years."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """The pages under a base address such as "https://digest.example.org"; it has no slash at its end.

    With an empty base they are paths, for links from one page to another.
    """

    base: str = ""

    @property
    def home(self) -> str:
        """The latest digest."""
        return f"{self.base}/"

    @property
    def digests(self) -> str:
        """All digests of all series."""
        return f"{self.base}/digests"

    def archive(self, series: str) -> str:
        """All digests of a series."""
        return f"{self.base}/digests/{series}"

    def digest(self, series: str, name: str) -> str:
        """One digest: "weekly", "2026-W47"."""
        return f"{self.base}/digests/{series}/{name}"

    def digest_csv(self, series: str, name: str) -> str:
        """Its posts as a table."""
        return f"{self.digest(series, name)}.csv"

    def digest_feed(self, kind: str, series: str | None = None) -> str:
        """The digests of a series, or of all, as a feed: "atom" or "json"."""
        return f"{self.base}/feeds/digests{f'/{series}' if series else ''}.{kind}"

    def post(self, post_id: int) -> str:
        """One post, by its number in the database."""
        return f"{self.base}/posts/{post_id}"

    @property
    def search(self) -> str:
        """All posts, and what is looked for among them."""
        return f"{self.base}/posts"

    def post_feed(self, kind: str) -> str:
        """The newest posts as a feed: "atom" or "json"; it takes the same questions as the list."""
        return f"{self.base}/feeds/posts.{kind}"

    @property
    def numbers(self) -> str:
        """Posts over time and by network."""
        return f"{self.base}/numbers"

    @property
    def subscribe(self) -> str:
        """The form to sign up with."""
        return f"{self.base}/subscribe"

    @property
    def privacy(self) -> str:
        """What is held, why, and how to have it changed."""
        return f"{self.base}/privacy"

    @property
    def style(self) -> str:
        """How pages look."""
        return f"{self.base}/style.css"

    @property
    def icon(self) -> str:
        """What stands beside a page's title."""
        return f"{self.base}/icon.svg"

    def confirm(self, token: str) -> str:
        """Where somebody says that it was they who signed up."""
        return f"{self.base}/confirm/{token}"

    def settings(self, token: str) -> str:
        """Which series somebody gets."""
        return f"{self.base}/settings/{token}"

    def unsubscribe(self, token: str) -> str:
        """Where a series stops; a POST stops it at once, as RFC 8058 has it."""
        return f"{self.base}/unsubscribe/{token}"

    def curate(self, token: str, choice: str = "") -> str:
        """Where a curator decides about a post, or a whole digest; `choice` is what they mean to decide there."""
        return f"{self.base}/curate/{token}" + (f"?do={choice}" if choice else "")
