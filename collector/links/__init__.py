"""The addresses that mails lead to: where each page stands, and links that are signed for one person and one purpose.

pages           the paths, shared by mails and by what serves them
signing         tokens that nobody can make, change, or use for anything else
curating        a curator's links
personal        what the tokens of readers' links hold
unsubscribing   the subject of a mail that unsubscribes
"""

from collector.links.curating import CuratorLink, curate_token, is_curators, read_curator_link
from collector.links.pages import Pages
from collector.links.personal import settings_token, unsubscribe_token
from collector.links.signing import Purpose, Signer
from collector.links.unsubscribing import read_subject, write_subject

__all__ = [
    "CuratorLink",
    "Pages",
    "Purpose",
    "Signer",
    "curate_token",
    "is_curators",
    "read_curator_link",
    "read_subject",
    "settings_token",
    "unsubscribe_token",
    "write_subject",
]
