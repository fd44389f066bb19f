"""Whether two posts are one, and whom a post names: copies and bridges, people and their names, whose word is better.

Pure decisions. Posts of one address are one row, and storage sees to that; here it is about copies elsewhere, which are
linked, shown once and counted once. A copy that is missed is shown twice; two people who are joined are wronged: where
there is doubt, nothing is joined.

    addresses  the addresses a post may be known by, and links in a form to compare
    bridges    the original that a bridge names, where it is the bridge's own word
    names      what somebody is called, comparable across networks
    people     whether two accounts are one person's
    wording    whether two texts are one
    copies     whether two posts are copies of one, and which of many are
    witness    whose word counts more, where two tell of one post
    naming     the names that people and posts go by, to find them by name; asked reads what somebody types
    traces     where a post names others, and the post without it
"""

from collector.identity.addresses import addresses_of
from collector.identity.bridges import is_bridged, mirrored_handle, original_of
from collector.identity.copies import copies_among, is_near_copy
from collector.identity.names import names_of
from collector.identity.people import is_linked, links_to
from collector.identity.witness import is_better_witness

__all__ = [
    "addresses_of",
    "copies_among",
    "is_better_witness",
    "is_bridged",
    "is_linked",
    "is_near_copy",
    "links_to",
    "mirrored_handle",
    "names_of",
    "original_of",
]
