"""Pages that are the same for everybody, kept for as long as nothing in the database changes, and no longer.

A link that is passed around brings a crowd within minutes: they all get one page that was made once. With the next
commit, of a new post or of a wish to be forgotten, everything that was kept is dropped before anybody is answered.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime

from collector.web.answers import Answer

MOST_BYTES = 16_000_000


class Remembered:
    """The pages made since the last change. Windows begin on the minute, so that no page outlasts one either."""

    def __init__(self, sign: Callable[[], Hashable], most: int = MOST_BYTES) -> None:
        self._sign = sign  # another one after every change
        self._most = most
        self._present: Hashable = None
        self._pages: OrderedDict[str, tuple[Answer, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def recall(self, path: str, now: datetime, make: Callable[[], Answer]) -> Answer:
        """The page at this path as it is now. The sign is taken before it is made, so that no change goes unseen."""
        present = self._sign(), now.replace(second=0, microsecond=0)
        with self._lock:
            if present != self._present:
                self._present = present
                self._pages.clear()
                self._size = 0
            elif path in self._pages:
                self._pages.move_to_end(path)
                return self._pages[path][0]
        answer = make()
        if isinstance(answer.body, bytes) and answer.status == 200 and not answer.is_personal:
            self._keep(present, path, answer, len(answer.body))
        return answer

    def _keep(self, present: Hashable, path: str, answer: Answer, size: int) -> None:
        with self._lock:
            if present != self._present or path in self._pages:
                return
            self._pages[path] = answer, size
            self._size += size
            while self._size > self._most:
                _, (_, gone) = self._pages.popitem(last=False)
                self._size -= gone
