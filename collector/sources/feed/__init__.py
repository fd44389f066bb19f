"""Feeds: RSS, Atom and JSON Feed, from any place that has one.

source              the source itself
bookmarks, pages    asking whether anything changed; the feed that a web page names
formats, xmlfeed, jsonfeed    the bytes of any format become entries of one shape
entries, authors, media       an entry becomes a post
sights              when what has no date was first met
"""

from collector.sources.feed.source import FeedSource

__all__ = ["FeedSource"]
