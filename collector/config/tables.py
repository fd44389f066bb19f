"""The configuration's tables: one model each, frozen, with every key's type, default, and what it accepts.

A field's description is what a message says after "accepted:". Fields stand in the order their checks need.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from collector.config.addresses import contact_address
from collector.config.durations import DURATION_FORM, format_duration
from collector.config.faults import shown
from collector.config.fields import DatabaseUrl, Duration, DurationOrForever, Hashtags, HashtagText, Line, Zone
from collector.config.secrets import spellings
from collector.config.wording import block_word
from collector.text.hashtags import normal_form

TOPICS_FORM = "a list of hashtags that [collector] names"
FOREVER_FORM = f'{DURATION_FORM}, or "forever"'
ZONE_FORM = 'the name of a time zone, such as "Europe/London"'


class Table(BaseModel):
    """A table of the file: unknown keys are refused, values never stand in an error by themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    secrets: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def accepted_keys(cls) -> list[str]:
        """Every key that the table may have in the file, in alphabetical order."""
        names = {cls.key_of(name) for name in cls.model_fields}
        return sorted(names.union(*(spellings(secret) for secret in cls.secrets)))

    @classmethod
    def key_of(cls, name: str) -> str:
        """What the file calls the field `name`; a name that is no field's stays."""
        field = cls.model_fields.get(name)
        return (field.alias if field else None) or name

    @classmethod
    def accepted_at(cls, key: str) -> str:
        """What the key accepts, in words; empty for a key that is unknown."""
        return next(
            (field.description or "" for name, field in cls.model_fields.items() if cls.key_of(name) == key), ""
        )


class CollectorSettings(Table):
    """`[collector]`: what is collected, and for whom."""

    hashtags: Hashtags = Field(description='a list of hashtags without "#", such as ["notcoproduction"]')
    timezone: Zone = Field(default="UTC", description=ZONE_FORM)
    contact: Annotated[str, AfterValidator(contact_address)] = Field(
        default="", description='"mailto:you@example.org" or an https:// page'
    )
    aliases: dict[HashtagText, tuple[HashtagText, ...]] = Field(
        default_factory=dict, description='one of collector.hashtags = a list of its other spellings without "#"'
    )
    block_words: tuple[Annotated[Line, AfterValidator(block_word)], ...] = Field(
        default=(), description='a list of words, such as ["casino"]'
    )

    def topics(self) -> dict[str, str]:
        """Each topic in normal form, with the form it is shown in, in the order of the file."""
        return {normal_form(tag): tag for tag in self.hashtags}

    def aliases_of(self, topic: str) -> list[str]:
        """The other spellings of a topic, as written."""
        return [alias for tag, others in self.aliases.items() if normal_form(tag) == topic for alias in others]

    def topics_by_spelling(self) -> dict[str, str]:
        """The topic of every hashtag and alias; all in normal form, topics before aliases."""
        own = {normal_form(tag): normal_form(tag) for tag in self.hashtags}
        return {normal_form(alias): normal_form(tag) for tag, others in self.aliases.items() for alias in others} | own


class DatabaseSettings(Table):
    """`[database]`: where posts are kept."""

    url: DatabaseUrl = Field(
        default="sqlite:///collector.db",
        validate_default=True,
        repr=False,  # it may hold a password
        description='"sqlite:///" and a file, or "postgresql://user@host/name"',
    )
    keep_raw: StrictBool = Field(default=True, description="true or false")
    keep_raw_for: DurationOrForever = Field(default=timedelta(days=365), description=FOREVER_FORM)
    keep_revisions_for: DurationOrForever = Field(default=timedelta(days=180), description=FOREVER_FORM)
    keep_posts_for: DurationOrForever = Field(default=None, description=FOREVER_FORM)


class PollingSettings(Table):
    """`[polling]`: how often sources are asked, and how far back."""

    interval: Duration = Field(default=timedelta(minutes=10), description=DURATION_FORM)
    adaptive: StrictBool = Field(default=True, description="true or false")
    fastest: Duration | None = Field(default=None, description=DURATION_FORM)
    slowest: Duration | None = Field(default=None, description="a duration not shorter than polling.fastest")
    overlap: Duration = Field(default=timedelta(hours=48), description=DURATION_FORM)
    overlap_interval: Duration = Field(default=timedelta(hours=1), description=DURATION_FORM)
    deep_overlap: Duration = Field(
        default=timedelta(days=30), validate_default=True, description="a duration not shorter than polling.overlap"
    )
    deep_interval: Duration = Field(default=timedelta(hours=24), description=DURATION_FORM)
    max_pages: StrictInt = Field(default=20, ge=1, le=10_000, description="a whole number from 1 to 10000")

    @field_validator("slowest")
    @classmethod
    def _is_not_faster(cls, value: timedelta | None, info: ValidationInfo) -> timedelta | None:
        fastest: timedelta | None = info.data.get("fastest")
        if value and fastest and value < fastest:
            raise ValueError(f"{shown(format_duration(value))} is shorter than fastest, {format_duration(fastest)}")
        return value

    @field_validator("deep_overlap")
    @classmethod
    def _is_not_shorter(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        overlap: timedelta = info.data.get("overlap", value)
        if value < overlap:
            raise ValueError(f"{shown(format_duration(value))} is shorter than overlap, {format_duration(overlap)}")
        return value
