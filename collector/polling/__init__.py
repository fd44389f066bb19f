"""One round: what is due → fetch in parallel → decide → save.

plan          pure: how deep this round walks, and from where
landmarks     pure: by what a walk knows how far it has come
walk          one watch's walk back from the newest page, a pure step at a time
looking       posts asked about again by their ids: which, what is said of them, what becomes of those that are missing
evidence      pure: whether a post that a place no longer shows is gone, or only not there
outcome, pace pure: the next state of a watch and its host, and how often it is asked
gaps, noting  pure, and applied: what a watch could not see
pool          the only parallel step: one request a host at a time
poller        what all of these need of the world
rounds        the conductor: gathers, fetches, decides, saves
rechecking    posts asked about again beside the rounds: before a digest, and where no round asks
backfill, histories, estimating   back through everything that a source still holds, and what known authors posted
adding        one post by its address
renormalising kept answers read again by a better normaliser
"""
