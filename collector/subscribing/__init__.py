"""Readers come, change what they get, and go: what is decided about them, and the conductors that carry it out.

deciding    pure: what signing up, confirming, choosing, ending and adding come to
limits      pure: when a letter may go to somebody
signing     the conductors of the pages: sign up, confirm, choose
leaving     ending, erasing, and what is remembered of it beside the database
adding      who the operator adds, one by one or from a file
lists       the tables of other newsletter tools → rows; `tables` reads their files
letters     the two short letters: "please confirm", "here are your settings"
sending     hands them over
"""
