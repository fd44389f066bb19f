"""Every failure that the collector expects, drawn as a tree.

    CollectorError                     one clear line for a person; the command line prints it and ends with 1
    ├── ConfigError                    the configuration: names file, key, and what is accepted
    ├── WindowError                    a week, day or month that does not exist, or is not finished
    ├── UnknownNameError               a source, series, author or address that nothing here is known by
    ├── ForgottenError                 a post that is never to be kept again
    ├── WrongUsageError                arguments that do not fit together; ends with 2
    ├── ClockError                     the machine's clock says what cannot be
    ├── OutputError                    a file or folder that cannot be written
    ├── LinkError                      a signed link that is damaged, too old, or for something else; is_expired
    ├── ListenError                    an address of this machine that nothing can listen at
    ├── MailboxError                   a mailbox, or a file of mails, that cannot be read; carries needs_a_person
    ├── ArchiveError                   a file that posts are imported from: missing, damaged, of no known format
    ├── SourceError                    a place posts come from; carries condition, retry_at, status
    │   └── BudgetSpentError           a host that we ourselves ask no more for a while; retry_at says until when
    ├── StorageError                   the database
    │   ├── DatabaseUnusableError      missing folder, no permission, no database, full disk, locked
    │   ├── SchemaTooOldError          names the command to run
    │   ├── SchemaTooNewError          names the version needed
    │   └── AlreadyRunningError        a second daemon on the same file
    └── DeliveryError                  one message to one address; carries is_permanent, is_setup, is_address

A library's exceptions never cross a room's border: each room translates them into these.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class CollectorError(Exception):
    """The root: its text is one line that says what is wrong, where, and what is accepted."""


class ConfigError(CollectorError):
    """One or more faults of the configuration; `problems` holds one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class WindowError(CollectorError):
    """A window's name that no calendar has, or a window that is not finished."""


class UnknownNameError(CollectorError):
    """Nothing here is known by this name or address."""


class ForgottenError(CollectorError):
    """It, or its author, was forgotten on request."""


class WrongUsageError(CollectorError):
    """Arguments that do not fit: the command line is wrong, not the world."""


class ClockError(CollectorError):
    """The machine's clock says what cannot be."""


class OutputError(CollectorError):
    """What was asked for cannot be written there."""


class LinkError(CollectorError):
    """A signed link that cannot be followed; `is_expired` where it could be once."""

    def __init__(self, message: str, *, is_expired: bool = False) -> None:
        super().__init__(message)
        self.is_expired = is_expired


class ListenError(CollectorError):
    """Nothing can listen there."""


class ArchiveError(CollectorError):
    """A file that nothing can be imported from."""


class MailboxError(CollectorError):
    """Mails that came back cannot be read; `needs_a_person` where waiting does not mend it."""

    def __init__(self, message: str, *, needs_a_person: bool = False) -> None:
        super().__init__(message)
        self.needs_a_person = needs_a_person


class Condition(StrEnum):
    """How a watch is, as `check` and `status` say it; everything but the first four is a failure."""

    OK = "ok"
    NO_POSTS = "no posts"
    NEVER_USED = "never used here"
    HALF_FEED = "half a feed"
    NEEDS_TOKEN = "needs a token"  # noqa: S105 (a sentence, not a secret)
    BAD_TOKEN = "bad token"  # noqa: S105
    FEED_DISABLED = "feed disabled"
    NO_SUCH_API = "no such API"
    RATE_LIMITED = "rate limited"
    UNREACHABLE = "unreachable"
    SERVER_FAULT = "server fault"
    UNREADABLE = "unreadable answer"
    REFUSED_ADDRESS = "private address"

    @property
    def is_failure(self) -> bool:
        """False where a round was complete, though perhaps with nothing or only half in it."""
        return self not in {Condition.OK, Condition.NO_POSTS, Condition.NEVER_USED, Condition.HALF_FEED}

    @property
    def needs_a_person(self) -> bool:
        """True where no waiting mends it: somebody has to change the configuration."""
        return self in {
            Condition.NEEDS_TOKEN,
            Condition.BAD_TOKEN,
            Condition.FEED_DISABLED,
            Condition.NO_SUCH_API,
            Condition.REFUSED_ADDRESS,
        }


class SourceError(CollectorError):
    """A place that could not be read.

    `condition` says how, `retry_at` is the server's own word on when to come back (aware UTC), `status` the HTTP
    status if there was an answer.
    """

    def __init__(
        self,
        condition: Condition,
        message: str,
        *,
        retry_at: datetime | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.condition = condition
        self.retry_at = retry_at
        self.status = status

    @property
    def holds_the_host(self) -> bool:
        """True where the whole host, not this one watch, should be left alone for a while."""
        return self.condition in {Condition.RATE_LIMITED, Condition.SERVER_FAULT, Condition.UNREACHABLE}


class BudgetSpentError(SourceError):
    """As much was asked of a host as is polite: whatever is left waits for its turn, and nothing has failed."""

    def __init__(self, message: str, *, retry_at: datetime) -> None:
        super().__init__(Condition.RATE_LIMITED, message, retry_at=retry_at)

    @property
    def holds_the_host(self) -> bool:
        """False: nothing is wrong with the host."""
        return False


class StorageError(CollectorError):
    """The database did not do what it was asked."""


class DatabaseUnusableError(StorageError):
    """It cannot be opened, read or written as it is."""


class SchemaTooOldError(StorageError):
    """The tables are of an earlier version."""


class SchemaTooNewError(StorageError):
    """The tables are of a version that this program does not know."""


class AlreadyRunningError(StorageError):
    """Another daemon holds the same SQLite file."""


class DeliveryError(CollectorError):
    """One message did not go out.

    `is_permanent`: this address refuses it for good. `is_setup`: log-in or sender were refused, or no server
    answers, so trying the next address is no use now. `is_cut_off`: the server hung up on it, which may be about this
    mail alone, although it looks like a matter of set-up. `is_address`: the server says that there is no such mailbox.
    """

    def __init__(
        self,
        message: str,
        *,
        is_permanent: bool = False,
        is_setup: bool = False,
        is_cut_off: bool = False,
        is_address: bool = False,
    ) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.is_setup = is_setup
        self.is_cut_off = is_cut_off
        self.is_address = is_address
