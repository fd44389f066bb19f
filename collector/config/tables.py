"""The configuration's tables: one model each, frozen, with every key's type, default, and what it accepts.

A field's description is what a message says after "accepted:". Fields stand in the order their checks need.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
)

from collector.config.addresses import contact_address, host_name
from collector.config.durations import DURATION_FORM, format_duration
from collector.config.faults import shown
from collector.config.fields import (
    DatabaseUrl,
    Duration,
    DurationOrForever,
    DurationOrNever,
    Folder,
    Hashtags,
    HashtagText,
    Line,
    MailAddresses,
    MailSender,
    Moment,
    Topics,
    Zone,
)
from collector.config.secrets import spellings
from collector.config.wording import PLACEHOLDERS, series_name, subject_template
from collector.text.hashtags import normal_form
from collector.text.mailaddresses import Sender

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


class WhenEmpty(StrEnum):
    """What becomes of a window without posts."""

    SKIP = "skip"
    SEND = "send"


class CatchUp(StrEnum):
    """Which of several missed digests are mailed after a pause."""

    NEWEST = "newest"
    ALL = "all"


class SeriesSettings(Table):
    """`[[digest]]`: a series of digests. `topics` and `timezone` are filled in where the file is silent."""

    name: Annotated[str, AfterValidator(series_name)] = Field(
        default="weekly", alias="series", description='a-z, 0-9, "-" and "_", such as "weekly"'
    )
    topics: Topics = Field(default=(), alias="hashtags", description=TOPICS_FORM)
    subject: Annotated[str, AfterValidator(subject_template)] = Field(
        default="#{hashtag}, week {week}: {count} new examples",
        description=f"a line of text with any of {', '.join(f'{{{name}}}' for name in PLACEHOLDERS)}",
    )
    send_on: Moment = Field(
        default="monday 08:00", validate_default=True, description='a weekday and a time, such as "monday 08:00"'
    )
    to: MailAddresses = Field(default=(), description='a list of e-mail addresses, such as ["me@example.org"]')
    timezone: Zone = Field(default="UTC", description=ZONE_FORM)
    when_empty: WhenEmpty = Field(default=WhenEmpty.SKIP, description='"skip" or "send"')
    sign_of_life: DurationOrNever = Field(default=timedelta(days=28), description=f'{DURATION_FORM}, or "never"')
    catch_up: CatchUp = Field(default=CatchUp.NEWEST, description='"newest" or "all"')
    late_weeks: StrictInt = Field(default=4, ge=0, le=52, description="a whole number from 0 to 52")
    top_posts: StrictInt = Field(default=10, ge=1, le=50, description="a whole number from 1 to 50")


class Security(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


NO_SENDER = Sender(name="Hashtag collector", address="collector@localhost")  # enough for a folder of mails
_USUAL_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}


class MailSettings(Table):
    """`[mail]`: who digests come from and how they leave; without `host` they are files in `outbox`."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)

    host: Annotated[str, AfterValidator(host_name)] | None = Field(
        default=None, description='the name of a mail server without port, such as "smtp.example.org"'
    )
    security: Security = Field(default=Security.STARTTLS, description='"starttls", "tls" or "none"')
    port: StrictInt = Field(
        default_factory=lambda mail: _USUAL_PORTS[mail.get("security", Security.STARTTLS)],
        ge=1,
        le=65_535,
        description="a whole number from 1 to 65535",
    )
    sender: MailSender = Field(
        default=NO_SENDER,
        validate_default=True,
        alias="from",
        description='a name and an address, such as "Not coproduction <digest@example.org>"',
    )
    username: Line | None = Field(default=None, description="the name to log in with")
    password: SecretStr | None = Field(
        default=None, validate_default=True, description=f"with a username, one of {', '.join(spellings('password'))}"
    )
    outbox: Folder = Field(default=Path("outbox"), validate_default=True, description='a folder, such as "outbox"')

    @field_validator("sender")
    @classmethod
    def _is_known_to_servers(cls, value: Sender, info: ValidationInfo) -> Sender:
        if value is NO_SENDER and info.data.get("host"):
            raise ValueError("missing")
        return value

    @field_validator("password")
    @classmethod
    def _goes_with_a_name(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("username"):
            raise ValueError("missing secret")
        if value is not None and info.data.get("username", "") is None:
            raise ValueError("given without mail.username")
        return value
