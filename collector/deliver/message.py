"""The one thing that a deliverer takes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A finished message for one address: what a server is told about it, and its bytes."""

    sender: str  # of the envelope: where it comes back to if it cannot be delivered
    to: str  # in normal form
    message_id: str
    content: bytes = field(repr=False)  # every line ends in CRLF

    @property
    def is_international(self) -> bool:
        """True where an address or a header goes beyond ASCII."""
        return not (self.content.isascii() and self.sender.isascii() and self.to.isascii())
