"""Bluesky: the network's search, asked through the server of an account with an app password.

source              the source itself
session, errors     the session with the account's server, and what its errors mean
paging              where a walk through the search stands
records, text, embeds, authors, addresses    a view of a post becomes a post
profiles            what authors say of themselves
gone                which posts are no longer public, by evidence
"""

from collector.sources.bluesky.source import BlueskySource

__all__ = ["BlueskySource"]
