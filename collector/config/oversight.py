"""The tables for whoever looks after the collector: where probes find it, and who is warned."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field, PlainValidator, StrictBool, ValidationInfo, field_validator

from collector.config.addresses import Listen, listen_address
from collector.config.durations import DURATION_FORM
from collector.config.fields import Duration, MailAddresses, read_text
from collector.config.tables import Table


class HealthSettings(Table):
    """`[health]`: where the daemon tells probes how it is."""

    allow_remote: StrictBool = Field(default=False, description="true or false")
    listen: Annotated[Listen, PlainValidator(lambda value: listen_address(read_text(value)))] | None = Field(
        default=None, description='an IP address of this machine and a port, such as "127.0.0.1:9464"'
    )

    @field_validator("listen")
    @classmethod
    def _stays_on_this_machine(cls, value: Listen | None, info: ValidationInfo) -> Listen | None:
        """Nobody has to log in there, so that what others on the network can reach has to be said plainly."""
        if value is not None and not value.is_loopback and not info.data.get("allow_remote", True):
            raise ValueError(
                f"{value} can be reached from other machines: say health.allow_remote = true if it is meant to"
            )
        return value


class WarningSettings(Table):
    """`[warnings]`: who is told when something needs a person."""

    to: MailAddresses = Field(default=(), description='a list of e-mail addresses, such as ["me@example.org"]')
    silent_after: Duration = Field(default=timedelta(hours=24), description=DURATION_FORM)
