"""The demo: two small servers on loopback play recorded posts, and the real code path collects them.

Three modules for it: `server` speaks HTTP, `fediverse` decides what a Mastodon-like server answers, `replay` turns
the recordings into two such servers whose posts fall into the last finished week. Only the posts are a play: the
client, the database, the digest and the files are those of any other run.
"""
