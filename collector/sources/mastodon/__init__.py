"""Servers of the Mastodon API: Mastodon, GoToSocial, Takahē and others.

source              the source itself
api, sessions       what is asked, by Mastodon.py over our guarded client
instance            what a server says of itself
pages, statuses     raw statuses become posts
permalinks          the id in a post's address
"""

from collector.sources.mastodon.source import MastodonSource

__all__ = ["MastodonSource"]
