"""The network's way in: one class a kind of source fetches, and pure functions beneath it read what came.

protocol                     what a source is, and what it is made from
directory                    all places that can be asked, opened when they are needed; strangers, too
origins                      whether a post stands where it was first posted
guard, dialling, bodies, web the guarded HTTP client that all of them ask through
budgets                      how much may be asked of a host, over all that ask it
syndication                  feedparser, made careful: XML of feeds without its traps
answers, raw, items          what a server's answers mean; what is kept of them; each item of a page for itself
mastodon                     servers of the Mastodon API
wordpress                    comments and posts of blogs
bluesky                      the search of Bluesky
feed                         RSS, Atom and JSON Feed
kept                         stored raw answers become posts once more

A further kind is one class, named in the entry points of its package: see `protocol`.
"""

from __future__ import annotations

from collector.config.kinds import known_kinds, load_kind
from collector.errors import ConfigError
from collector.sources.budgets import Budgets
from collector.sources.protocol import Limits, Look, LookedUp, Probe, Setup, Source

__all__ = ["Budgets", "Limits", "Look", "LookedUp", "Probe", "Setup", "Source", "kind_of", "make_source"]


def make_source(kind: str, setup: Setup) -> Source:
    """Makes the source of one kind; ConfigError, naming what is accepted, for a kind that there is not."""
    return kind_of(kind)(setup)


def kind_of(name: str) -> type[Source]:
    """The class of a kind; ConfigError as above."""
    try:
        kind = load_kind(name)
    except ValueError as error:
        accepted = ", ".join(known_kinds())
        raise ConfigError(f'kind of source "{name}": {error}; accepted: {accepted}') from None
    if not (isinstance(kind, type) and issubclass(kind, Source)):
        raise ConfigError(f'kind of source "{name}": {kind!r} is no Source')
    return kind
