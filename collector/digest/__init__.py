"""What a digest holds, decided purely: weeks, membership, ranking, building, and the words around it.

windows → membership → ranking → building   an issue's plan, which storage freezes
                                assembling   the plan and today's texts, ready to be rendered
"""

from collector.digest.assembling import Imprint, assemble
from collector.digest.building import Rules, Surroundings, build_issue
from collector.digest.subject import make_subject
from collector.digest.timing import due_at
from collector.digest.windows import next_window, parse_week, same_weeks_before, shift_weeks, week_window, window_of

__all__ = [
    "Imprint",
    "Rules",
    "Surroundings",
    "assemble",
    "build_issue",
    "due_at",
    "make_subject",
    "next_window",
    "parse_week",
    "same_weeks_before",
    "shift_weeks",
    "week_window",
    "window_of",
]
