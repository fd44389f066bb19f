"""Claims what is owed, a few deliveries at a time, hands them over one by one, and writes down what became of each.

A delivery is claimed and committed before the hand-over, so two senders never have the same one; what a crash leaves
claimed is taken over, under the same Message-ID, when its claimer is known to be dead or its lease is over. Of those
that were claimed together only the one in the air can then arrive twice: each is written down before the next.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import datetime

from collector.deliver import Deliverer
from collector.errors import CollectorError, DeliveryError, StorageError
from collector.links import Signer
from collector.mailing.claiming import FEWEST, SECONDS, Batch, Task, claim_batch, next_size
from collector.mailing.compose import Addressee, Press
from collector.mailing.contents import make_tokens
from collector.mailing.kinds import is_for_readers, write_contents
from collector.mailing.mailer import Mailer, SendReport
from collector.mailing.pausing import Tally, is_too_many
from collector.mailing.recording import record_earlier, record_refusal, record_sent, record_standstill, say_of_all
from collector.storage.deliveries import Claimer, first_live, release
from collector.storage.pausing import count_tries, pause
from collector.storage.schema import read_secret

log = logging.getLogger(__name__)

CUT_OFF = 5  # mails in a row that the server hung up on: no chance any more
TURN = 5 * 60.0  # seconds after which a run leaves the rest to the next one: nobody polls while a mail server dawdles


def send_owed(
    mailer: Mailer,
    *,
    digest_id: int | None = None,
    is_forced: bool = False,
    is_patient: bool = True,
    tell: Callable[[SendReport], None] | None = None,
) -> SendReport:
    """Hands over what is owed and due.

    `is_forced` does not wait for the time of a later try, nor end with its turn. Where the pace allows no more mails
    for now, a run that `is_patient` waits, and another leaves the rest to the next one.
    """
    record_earlier(mailer)
    with mailer.database.read() as conn:
        first = first_live(conn)
        signer = Signer(key=read_secret(conn)) if first is not None else None
    if first is None or signer is None:
        return SendReport()
    claimer = Claimer(owner=mailer.owner, digest_id=digest_id, is_forced=is_forced, after=first - 1)
    with ExitStack() as stack:
        run = _Run(mailer, claimer, signer, stack, is_patient=is_patient, tell=tell)
        try:
            run.go()
        finally:
            run.say()
    return run.report


class _Run:
    """One run: what was made for it, and what it came to so far."""

    def __init__(
        self,
        mailer: Mailer,
        claimer: Claimer,
        signer: Signer,
        stack: ExitStack,
        *,
        is_patient: bool,
        tell: Callable[[SendReport], None] | None,
    ) -> None:
        self.report = SendReport()
        self._mailer, self._claimer, self._signer, self._stack = mailer, claimer, signer, stack
        self._is_patient, self._tell = is_patient, tell
        self._over_at = None if claimer.is_forced else time.monotonic() + TURN
        self._size = FEWEST  # of the next batch
        self._cut_off = 0  # mails in a row that the server hung up on
        self._deliverer: Deliverer | None = None
        self._presses: dict[tuple[int, str], Press] = {}
        self._tallies: dict[int, Tally] = {}
        self._said: dict[str, Counter[str]] = {}  # by digest: what is logged at the end

    def go(self) -> None:
        """Batch for batch, until nothing is due, or the run is over."""
        while not self._is_over():
            batch = claim_batch(self._mailer, self._claimer, self._size)
            if batch.again_at is not None:
                if not self._may_wait(batch.again_at):
                    return
            elif batch.is_empty or not self._work_off(batch):
                return

    def say(self) -> None:
        """One line a digest."""
        for digest, counted in self._said.items():
            counts = {name: counted[name] for name in ("mails", "waiting", "refused")}
            log.info("sent", extra={"numbers": {"digest": digest, **counts}})

    def _is_over(self) -> bool:
        return self._mailer.stop.is_set() or (self._over_at is not None and time.monotonic() >= self._over_at)

    def _may_wait(self, again_at: datetime) -> bool:
        """Waits until the pace allows more, if this run does that and its turn is long enough."""
        seconds = max(0.0, (again_at - self._mailer.now()).total_seconds())
        if not self._is_patient or (self._over_at is not None and time.monotonic() + seconds >= self._over_at):
            return False
        return not self._mailer.stop.wait(seconds)

    def _work_off(self, batch: Batch) -> bool:
        """Hands the batch over; False where no other mail would go out either. What is left of it is given back."""
        tasks, began = deque(batch.tasks), time.monotonic()
        try:
            while tasks and not self._is_over():
                task = tasks.popleft()
                self._claimer = replace(self._claimer, after=task.delivery.id)
                error = self._try(task)
                if error is not None and self._concerns_all(error):
                    self._stand_still(task, tasks, error)
                    return False
                has_paused = self._note(task, error)
                if self._tell is not None:
                    self._tell(self.report)
                if has_paused or time.monotonic() >= began + SECONDS:
                    break
            if not tasks:
                self._claimer = replace(self._claimer, after=batch.last_id)
            self._size = next_size(self._size, time.monotonic() - began)
        finally:
            self._give_back(tasks)
        return True

    def _concerns_all(self, error: DeliveryError) -> bool:
        """A server that hangs up may do so on one reader alone, who must not stand in the way of all behind them."""
        self._cut_off = self._cut_off + 1 if error.is_cut_off else 0
        return error.is_setup and (not error.is_cut_off or self._cut_off >= CUT_OFF)

    def _give_back(self, tasks: deque[Task]) -> None:
        """Where even that fails, others may have them once the lease is over."""
        if tasks:
            with suppress(StorageError), self._mailer.database.write() as conn:
                release(conn, [task.delivery.id for task in tasks])

    def _try(self, task: Task) -> DeliveryError | None:
        """One hand-over; what went wrong, if anything, is this delivery's alone. Raises StorageError."""
        try:
            self._hand_over(task)
        except DeliveryError as error:
            return error
        except StorageError:
            raise
        except CollectorError as error:  # a series that the configuration no longer has
            return DeliveryError(str(error))
        except Exception as error:
            log.exception("unexpected error while writing the mail %s", task.delivery.message_id)
            return DeliveryError(f"unexpected {type(error).__name__} while writing it: please report it")
        return None

    def _hand_over(self, task: Task) -> None:
        mailer, delivery = self._mailer, task.delivery
        addressee = Addressee(
            to=delivery.address,
            message_id=delivery.message_id,
            sent_at=mailer.now(),
            tokens=make_tokens(self._signer, task.key, task.series),
        )
        message = self._press(task).compose(addressee)
        if self._deliverer is None:
            self._deliverer = self._stack.enter_context(mailer.open_deliverer())
        self._deliverer.deliver(message)
        record_sent(mailer, delivery)
        log.debug("sent", extra={"numbers": {"to": delivery.address, "attempt": delivery.attempts + 1}})

    def _press(self, task: Task) -> Press:
        """The letter that the mail is one of, written at the first."""
        kind = task.delivery.kind
        of = task.delivery.digest_id, kind
        if of not in self._presses:
            settings, now = self._mailer.settings, self._mailer.now()
            with self._mailer.database.read() as conn:
                series, is_personal = settings.series(task.series), is_for_readers(kind)
                contents = write_contents(conn, settings, series, task.name, kind, now, is_personal=is_personal)
            self._presses[of] = Press(contents.letter)
        return self._presses[of]

    def _note(self, task: Task, error: DeliveryError | None) -> bool:
        """Counts a mail, and writes down one that was not taken; True where its digest pauses from now on."""
        delivery, counted = task.delivery, self._said.setdefault(f"{task.series}/{task.name}", Counter())
        tally = self._tallies.get(delivery.digest_id)
        if tally is not None:
            tally.note(delivery, str(error or ""))
        if error is None:
            self._cut_off = 0
            self.report.sent += 1
            counted["mails"] += 1
            return False
        is_given_up = record_refusal(self._mailer, delivery, error)
        self.report.refused += is_given_up
        self.report.waiting += not is_given_up
        counted["refused" if is_given_up else "waiting"] += 1
        self.report.note(str(error))
        log.debug("not sent", extra={"numbers": {"to": delivery.address, "error": str(error)}})
        return self._pause(task, error)

    def _pause(self, task: Task, error: DeliveryError) -> bool:
        """Lets the rest of a digest wait for a person where too much of it was refused."""
        digest_id = task.delivery.digest_id
        if digest_id not in self._tallies:
            with self._mailer.database.read() as conn:
                self._tallies[digest_id] = Tally(count_tries(conn, digest_id))
        tally = self._tallies[digest_id]
        if not is_too_many(tally.tried, tally.refused, self._mailer.settings.mail.most_refusals):
            return False
        reason = (
            f"{tally.refused} of {tally.tried} mails were refused, the last one so: {say_of_all(task.delivery, error)}"
        )
        with self._mailer.database.write() as conn:
            pause(conn, digest_id, reason, self._mailer.now())
        del self._tallies[digest_id]  # somebody may let it go on while this run lasts: it is counted anew then
        self.report.has_paused = True
        self.report.note(f"{task.series}/{task.name} pauses: {reason}")
        log.warning("%s/%s pauses: %d of %d mails were refused", task.series, task.name, tally.refused, tally.tried)
        return True

    def _stand_still(self, task: Task, rest: deque[Task], error: DeliveryError) -> None:
        """Lets all that is owed wait, because the next hand-over would fail alike."""
        ids = [other.delivery.id for other in rest]
        self.report.waiting += record_standstill(self._mailer, task.delivery, ids, error)
        rest.clear()
        self.report.note(str(error))
        log.warning("nothing goes out for now: %s", say_of_all(task.delivery, error))
