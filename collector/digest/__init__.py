"""What a digest holds, decided purely: windows, membership, ranking, building, and the words around it.

calendars → windows → membership → ranking → building   an issue's plan, which storage freezes
                                            assembling   the plan and today's texts, ready to be rendered
"""

from collector.digest.assembling import Imprint, assemble
from collector.digest.building import Rules, Surroundings, build_issue
from collector.digest.calendars import CALENDARS, Calendar, calendar_of
from collector.digest.subject import make_subject
from collector.digest.timing import due_at
from collector.digest.windows import next_window, same_windows_before, window_named, window_of

__all__ = [
    "CALENDARS",
    "Calendar",
    "Imprint",
    "Rules",
    "Surroundings",
    "assemble",
    "build_issue",
    "calendar_of",
    "due_at",
    "make_subject",
    "next_window",
    "same_windows_before",
    "window_named",
    "window_of",
]
