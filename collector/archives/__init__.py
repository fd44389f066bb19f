"""The files' way in, one module a format: posts from exports that people already have.

    protocol    what a file is read into
    files       files as streams: plain, gzip, and what lies inside a zip or a tar; `unpacking` beneath
    recognising which format a file has, by its content or by its name

    json_lines, json_lists, tables      the three shapes of files, read piece by piece

    twarc, twarc2, x_archive            tweets as JSON; `tweets`, `tweet_text`, `tweet_media` are what they share,
                                        `tweets_v1` and `tweets_v2` the two APIs, `account` whose archive it is
    tags, minet, fourcat                tables that other tools write
    mastodon_export                     an account's outbox
    own                                 what this collector exports

A file is read once, from its beginning to its end, in bounded memory. What cannot be read costs itself alone; a file
that breaks in the middle gives what stands before, and then one ArchiveError.
"""
