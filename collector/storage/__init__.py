"""The only room that executes SQL: tables, and functions named after what the caller wants.

database, schema     where it is, and which version it has
saving               posts in: `save_batch` gathers, decides with `merging`, and writes through
                     authors, contents (posts and what they say), places (where they were seen)
rows, bulk, matching a post as a row and back; rows by the thousand; `column = any of these`
watches              what is due, and how each watch and host is
gaps, spending       what each watch could not see; what each host was asked lately
series, digests      windows, candidates, frozen issues (their numbers: facts)
deliveries           owed, claimed, sent
exporting, raw       streams out
indexing, wording    what is searched of each post, kept in step; which posts hold some words
listing, narrowing   lists for readers a page at a time; which posts somebody wants to see
showing              one post with all about it
charting             posts over time
visibility, blocking what may be shown, and what a block word keeps out of digests and pages besides
absence              what was taken back, or no longer found
addressing, copies   which row a post at these addresses is, and which rows are one post
erasing              of a post only a tombstone is left
forgotten            keyed hashes of what is never to be kept, `remembering` the file with the same, `sifting` the gate,
                     people (who is meant), searching (where they are), forgetting (out of every table), disclosing
curation, choices    the operator's word on what is shown, and a curator's
numbers, upkeep, backup
"""
