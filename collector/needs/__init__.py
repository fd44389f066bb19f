"""What needs a person: gathered from storage, decided without it, told by `status`, by mail and to monitors.

gathering   everything that the decision looks at, from the database
standing    pure: how the watches and their hosts are now
silence     pure: whether a watch is quiet for longer than it ever is
lateness    pure: digests that should be out and are not, and whether they wait for somebody
finding     pure: what needs a person and what mends itself, and the words for both
"""
