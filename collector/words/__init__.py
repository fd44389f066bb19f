"""Everything the collector says to readers, in one catalogue a language: a file of sentences, and what fills them.

en.toml     the sentences; a translation is a file of the same keys
catalogue   the value that says them
reading     a file → a catalogue, with what is wrong in it
"""

from collector.words.catalogue import Counted, Words
from collector.words.reading import ENGLISH, read_words

__all__ = ["ENGLISH", "Counted", "Words", "read_words"]
