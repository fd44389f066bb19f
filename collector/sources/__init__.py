"""The network's way in: one class a kind of source fetches, and pure functions beneath it read what came.

protocol                     what a source is, and what it is made from
guard, dialling, bodies, web the guarded HTTP client that all of them ask through
sessions, api                the same client as the session of Mastodon.py, and what that is asked
answers, instance            what a server's answers mean
raw, statuses, pages         raw statuses become posts
kept                         stored raw answers become posts once more
permalinks                   the id in a post's address
mastodon                     the source itself

A further kind is one module, and one line in the table below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from collector.errors import ConfigError
from collector.sources.protocol import Limits, Probe, Setup, Source

__all__ = ["KINDS", "Limits", "Probe", "Setup", "Source", "make_source"]


def make_source(kind: str, setup: Setup) -> Source:
    """Makes the source of one kind; ConfigError, naming what is accepted, for a kind that there is not."""
    try:
        make = _MAKERS[kind]
    except KeyError:
        raise ConfigError(f'no kind of source is called "{kind}"; accepted: {", ".join(KINDS)}') from None
    return make(setup)


def _mastodon(setup: Setup) -> Source:
    from collector.sources.mastodon import MastodonSource

    return MastodonSource(setup)


_MAKERS: Mapping[str, Callable[[Setup], Source]] = {
    "mastodon": _mastodon,
}
KINDS = tuple(_MAKERS)
