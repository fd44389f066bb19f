"""One round: what is due → fetch in parallel → decide → save.

plan          pure: how deep this round walks, and from where
walk          one watch's walk back from the newest page, a pure step at a time
outcome       pure: the next state of a watch and its host
pool          the only parallel step: one request a host at a time
rounds        the conductor: gathers, fetches, decides, saves
backfill      rounds beside those, back through everything that a source still holds
adding        one post by its address
renormalising kept answers read again by a better normaliser
"""
