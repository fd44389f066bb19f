"""`[mail]` and `[bounces]`: how digests leave, and where what comes back is read."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr, StrictInt, ValidationInfo, field_validator

from collector.config.addresses import host_name, mail_address
from collector.config.durations import format_duration
from collector.config.faults import shown
from collector.config.fields import Duration, Folder, Line, MailSender
from collector.config.secrets import spellings
from collector.config.tables import Table
from collector.text.mailaddresses import Sender


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
    per_minute: StrictInt | None = Field(
        default=None, ge=1, le=100_000, description="a whole number of mails from 1 to 100000"
    )
    per_connection: StrictInt = Field(
        default=500, ge=1, le=100_000, description="a whole number of mails from 1 to 100000"
    )
    most_refusals: StrictInt = Field(default=50, ge=1, le=100_000, description="a whole number from 1 to 100000")
    letters_per_hour: StrictInt = Field(
        default=100, ge=1, le=100_000, description="a whole number of letters from 1 to 100000"
    )
    bounces_to: Annotated[str, AfterValidator(mail_address)] | None = Field(
        default=None, description='an e-mail address, such as "bounces@example.org"'
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


_USUAL_MAILBOX_PORTS = {Security.STARTTLS: 143, Security.TLS: 993, Security.NONE: 143}


class BounceSettings(Table):
    """`[bounces]`: the mailbox that mails which could not be delivered come back to; without `host` none is read."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)

    host: Annotated[str, AfterValidator(host_name)] | None = Field(
        default=None, description='the name of a mail server without port, such as "imap.example.org"'
    )
    security: Security = Field(default=Security.TLS, description='"tls", "starttls" or "none"')
    port: StrictInt = Field(
        default_factory=lambda mailbox: _USUAL_MAILBOX_PORTS[mailbox.get("security", Security.TLS)],
        ge=1,
        le=65_535,
        description="a whole number from 1 to 65535",
    )
    username: Line | None = Field(default=None, validate_default=True, description="the name to log in with")
    password: SecretStr | None = Field(
        default=None, validate_default=True, description=f"with a username, one of {', '.join(spellings('password'))}"
    )
    folder: Line = Field(default="INBOX", description='a folder of the mailbox, such as "INBOX"')
    interval: Duration = Field(default=timedelta(hours=1), description='a duration of a minute or more, such as "1h"')
    soft_limit: StrictInt = Field(default=5, ge=1, le=1_000, description="a whole number from 1 to 1000")

    @property
    def place(self) -> str:
        """Which folder of whose mailbox, as messages about it begin."""
        return f"{self.folder} of {self.username} at {self.host}:{self.port}"

    @field_validator("interval")
    @classmethod
    def _is_not_hasty(cls, value: timedelta) -> timedelta:
        """Whose mailbox it is counts log-ins, and the daemon looks once a minute whether it is time."""
        if value < timedelta(minutes=1):
            raise ValueError(f"too short: {shown(format_duration(value))}")
        return value

    @field_validator("username")
    @classmethod
    def _is_of_a_mailbox(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("host"):
            raise ValueError("missing")
        return value

    @field_validator("password")
    @classmethod
    def _belongs_to_a_mailbox(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("host"):
            raise ValueError("missing secret")
        return value
