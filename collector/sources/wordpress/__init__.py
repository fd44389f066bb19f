"""Blogs made with WordPress: the comments under a post or of a whole blog, and the blog's own posts.

source              the source itself
sites, signs        from the address of any page to the REST API, the post and the feeds
api, addresses      what is asked, and where
pages, walks        from a look to what is asked and back; two lists read as one
items, comments, posts, content, authors    raw comments and posts become posts
feed                the comments feed, where the REST API is closed
answers, gone       what refusals mean, and what is no longer public for sure
"""

from collector.sources.wordpress.source import WordPressSource

__all__ = ["WordPressSource"]
