"""Readers come, change what they get, and go: what is decided about them, and the conductors that carry it out.

deciding    pure: what signing up, confirming, choosing, ending and adding come to
limits      pure: when a letter may go to somebody
signing     the conductors of the pages: sign up, confirm, choose
leaving     ending and erasing
remembering who left, also in the file beside the database
adding      who the operator adds, one by one or from a file (`importing`)
lists       the tables of other newsletter tools → rows; `tables` reads their files, `columns` knows their headers,
            `moments` reads and writes when somebody agreed
letters     the two short letters: "please confirm", "here are your settings"
sending     hands them over
telling     all that is held about somebody, in words
readership  what all of this needs of the world
"""
