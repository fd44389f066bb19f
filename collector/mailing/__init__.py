"""One round of mailing: windows that are due → build → owe → claim → compose → deliver → record.

due       pure: which windows open, which are due, which of them a reader hears of
issuing   one window: gathers from storage, decides with collector.digest, freezes; or shows it as it would be
trends    how many posts the windows before had
asking    pure: when a series' curator is asked, `previewing` the mails to them, `curating` what they decide
contents  what a digest says to everybody, made once a run; `kinds` says who writes which kind of delivery
compose   pure: one finished mail out of everything it says, with `headers` and `bodies`
claiming  a few deliveries at a time: due, within the pace (`pacing`), to people who still want them
sending   hands them over one by one, `recording` what became of each, and `pausing` where too much is refused
owing     whom a digest is owed to
rounds    the conductor of what is due, and `by_hand` of what somebody asks for
showing, listing    one digest, and all of a series, for people to look at
mailer, owners      what mailing needs of the world, and who claims
"""
