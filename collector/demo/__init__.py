"""The demo: small servers on loopback play recorded posts, and the real code path collects them.

    server      speaks HTTP
    fediverse   decides what a Mastodon-like server answers
    wordpress   what a blog does, with the comments under its posts
    bluesky     what an account's server on Bluesky does
    replay      turns the recordings into such servers, whose posts fall into the last finished week
    show        the whole job, told line by line

Only the posts are a play: the client, the database, the digest and the files are those of any other run.
"""
