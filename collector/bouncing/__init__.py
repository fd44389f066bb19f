"""What comes back to the address in `bounces_to`: reports, complaints, mails that unsubscribe. Read → whose → decide.

parts     a mail that a stranger may have written, as text
notices   status notifications, block by block
prose     bounces of servers that write prose, and automatic replies
reading   the bytes of a mail → what it says
deciding  pure: what that means for a reader
noting    one bounce: gather, decide, write down; sending calls it, too, for what is refused at once
files     mails out of files and folders
rounds    the conductor, and what strangers can do and cannot
"""
