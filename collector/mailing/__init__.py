"""One round of mailing: windows that are due → build → owe → claim → compose → deliver → record.

due       pure: which windows open, which are due, which of them a reader hears of
issuing   one window: gathers from storage, decides with collector.digest, freezes; or shows it as it would be
trends    how many posts the windows before had
contents  what a digest says to everybody, made once a run
compose   pure: one finished mail out of everything it says
sending   claims deliveries one by one, and hands them over
rounds    the conductor
"""
