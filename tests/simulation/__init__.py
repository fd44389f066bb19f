"""A fediverse that is made up, over real HTTP and under a clock of its own: it knows the truth, so it can measure.

week         a seeded script: who posts, edits and deletes what, and what of it reaches whom, and when
network      applies the script as virtual time goes on, and keeps the truth
truth        a post as its author has it
holdings     what one server holds of it, and how its timelines stand
answering    what it answers
limits       how much it may be asked: Mastodon's two limits in virtual time
server       that server over HTTP, up or down, and who asked it what
driving      ticks: what is due in the network, then what the daemon would call; writes down the complete rounds
since_id     beside it, a collector that only follows `since_id`
judging      what a collector could have known, from the truth and the complete rounds alone
measuring    recall, precision, edits and deletions mirrored, and requests against their bound
living       the whole: a week lived through with both collectors, and its figures
staging      a few servers and posts, for scenes of one phenomenon each; `casting` has the servers
"""
