"""`[[digest]]`: the series of digests, one table each."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, ValidationInfo, field_validator

from collector.config.addresses import mail_address
from collector.config.durations import DURATION_FORM
from collector.config.fields import (
    Catalogue,
    Duration,
    DurationOrNever,
    Line,
    MailAddresses,
    Moment,
    Topics,
    Zone,
)
from collector.config.schedules import SEND_ON_FORM, usual_moment
from collector.config.tables import TOPICS_FORM, ZONE_FORM, Table
from collector.config.wording import PLACEHOLDERS, series_name, subject_template
from collector.model import Cadence
from collector.words import ENGLISH


class WhenEmpty(StrEnum):
    """What becomes of a window without posts."""

    SKIP = "skip"
    SEND = "send"


class CatchUp(StrEnum):
    """Which of several missed digests are mailed after a pause."""

    NEWEST = "newest"
    ALL = "all"


class Approval(StrEnum):
    """Whether a digest waits for its curator."""

    NONE = "none"
    REQUIRED = "required"


SECTIONS = ("trend", "top", "comments", "more", "new_voices", "also_tagged", "threads", "late", "archive")
_SHOWN = tuple(section for section in SECTIONS if section != "new_voices")  # not everybody likes to be pointed at


def _subject_form() -> str:
    only = {
        name: f" ({', '.join(sorted(has))})" if len(has) < len(Cadence) else "" for name, has in PLACEHOLDERS.items()
    }
    return f"a line of text with any of {', '.join(f'{{{name}}}{which}' for name, which in only.items())}"


def _read_subject(text: str, info: ValidationInfo) -> str:
    cadence = info.data.get("cadence")
    return subject_template(text, cadence) if cadence else text


class SeriesSettings(Table):
    """`[[digest]]`: a series of digests. `topics` and `timezone` are filled in where the file is silent."""

    cadence: Cadence = Field(default=Cadence.WEEKLY, description='"daily", "weekly" or "monthly"')
    name: Annotated[str, AfterValidator(series_name)] = Field(
        default_factory=lambda series: str(series["cadence"]),
        alias="series",
        description='up to 60 of a-z, 0-9, "-" and "_", such as "weekly"',
    )
    topics: Topics = Field(default=(), alias="hashtags", description=TOPICS_FORM)
    words: Catalogue = Field(
        default=ENGLISH, repr=False, description='a file with sentences of your own, such as "words.toml"'
    )
    subject: Annotated[str, AfterValidator(_read_subject)] = Field(
        default_factory=lambda series: series["words"].of(series["cadence"]).words["subject"],
        description=_subject_form(),
    )
    send_on: Moment = Field(
        default_factory=lambda series: usual_moment(series["cadence"]),
        validate_default=True,
        description=SEND_ON_FORM,
    )
    to: MailAddresses = Field(default=(), description='a list of e-mail addresses, such as ["me@example.org"]')
    timezone: Zone = Field(default="UTC", description=ZONE_FORM)
    when_empty: WhenEmpty = Field(default=WhenEmpty.SKIP, description='"skip" or "send"')
    sign_of_life: DurationOrNever = Field(default=timedelta(days=28), description=f'{DURATION_FORM}, or "never"')
    catch_up: CatchUp = Field(default=CatchUp.NEWEST, description='"newest" or "all"')
    sections: tuple[Literal[SECTIONS], ...] = Field(  # type: ignore[valid-type]  # pydantic reads the tuple
        default=_SHOWN, description=f"a list of any of {', '.join(SECTIONS)}"
    )
    title: Line | None = Field(
        default=None, description="a line that readers know this series by, in place of its name"
    )
    about: Line | None = Field(default=None, description="a line that says what this series is, for who may subscribe")
    opening: Line | None = Field(default=None, description="a line of yours that stands above the posts")
    closing: Line | None = Field(default=None, description="a line of yours that stands below the posts")
    sign_up: StrictBool = Field(default=True, description="true or false")
    curator: Annotated[str, AfterValidator(mail_address)] | None = Field(
        default=None, description='an e-mail address, such as "me@example.org"'
    )
    preview: Duration = Field(default=timedelta(hours=24), description=DURATION_FORM)
    approval: Approval = Field(
        default=Approval.NONE, validate_default=True, description='"none", or with a curator "required"'
    )
    late_weeks: StrictInt = Field(default=4, ge=0, le=52, description="a whole number from 0 to 52")
    top_posts: StrictInt = Field(default=10, ge=1, le=50, description="a whole number from 1 to 50")

    def subject_of(self, cadence: Cadence) -> str:
        """The subject's template; of a window that is left from an earlier cadence, the usual one of that."""
        return self.subject if cadence is self.cadence else self.words.of(cadence).words["subject"]

    @field_validator("approval")
    @classmethod
    def _has_somebody_to_ask(cls, value: Approval, info: ValidationInfo) -> Approval:
        if value is Approval.REQUIRED and info.data.get("curator", "") is None:
            raise ValueError("required without a curator")
        return value
