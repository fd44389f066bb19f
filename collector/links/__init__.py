"""The addresses that mails lead to: where each page stands, and links that are signed for one person and one purpose.

pages     the paths, shared by mails and by what serves them
signing   tokens that nobody can make, change, or use for anything else
personal  what the tokens of readers' links hold
"""

from collector.links.pages import Pages
from collector.links.signing import Purpose, Signer

__all__ = ["Pages", "Purpose", "Signer"]
