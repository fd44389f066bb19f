"""The kinds of values that configuration keys hold: each checks a text and turns it into what it means.

A check raises ValueError with the reason alone; where it was and what is accepted is said by whoever reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainValidator, SecretStr, ValidationInfo

from collector.config.addresses import database_url, mail_address, mail_sender
from collector.config.durations import parse_duration, parse_keeping
from collector.config.faults import SeveralFaultsError, shown, type_name
from collector.config.schedules import SendOn, parse_send_on, zone_name
from collector.config.wording import hashtag, one_line
from collector.text.hashtags import normal_form
from collector.text.mailaddresses import Sender
from collector.words import Words, read_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What the check of one table needs to know from outside it."""

    folder: Path  # where relative paths begin
    topics: Mapping[str, str] | None = None  # every spelling's topic, in normal form; None: not known, not checked


def _surroundings(info: ValidationInfo) -> Surroundings:
    if not isinstance(info.context, Surroundings):
        raise TypeError("tables are checked with their Surroundings as context")
    return info.context


def read_text(value: object) -> str:
    """The value where it is text; ValueError names what it is instead."""
    if not isinstance(value, str):
        raise ValueError(f"wrong type ({type_name(value)})")  # noqa: TRY004 (a fault to report, as all others)
    return value


def _read_duration(value: object) -> timedelta:
    duration = value if isinstance(value, timedelta) else parse_duration(read_text(value))
    if not duration:
        raise ValueError(f"too short: {shown(value)}")
    return duration


def _read_duration_or_never(value: object) -> timedelta | None:
    return None if value is None or value == "never" else _read_duration(value)


def _read_duration_or_forever(value: object) -> timedelta | None:
    return value if value is None or isinstance(value, timedelta) else parse_keeping(read_text(value))


def _read_topic(value: str, info: ValidationInfo) -> str:
    topics = _surroundings(info).topics
    if topics is None:
        return value
    if normal_form(value) not in topics:
        raise ValueError(f"not a hashtag of [collector]: {shown(value)}")
    return topics[normal_form(value)]


def _read_path(value: object, info: ValidationInfo) -> Path:
    return _surroundings(info).folder / (value if isinstance(value, Path) else one_line(read_text(value)))


def _read_database_url(value: str, info: ValidationInfo) -> str:
    return database_url(value, _surroundings(info).folder)


def _read_sender(value: object) -> Sender:
    return value if isinstance(value, Sender) else mail_sender(read_text(value))


def _read_token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    if not token.isascii() or " " in token:
        raise ValueError("not an access token: it holds a space, or letters beyond ASCII")
    return value


def _read_moment(value: object, info: ValidationInfo) -> object:
    """As the table's cadence has it; where that is wrong, there is nothing to hold a moment to."""
    cadence = info.data.get("cadence")
    return parse_send_on(read_text(value), cadence) if cadence else value


def _read_catalogue(value: object, info: ValidationInfo) -> Words:
    if isinstance(value, Words):
        return value
    name = one_line(read_text(value))
    try:
        return read_words((_surroundings(info).folder / name).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{name} is not UTF-8 text") from None
    except ValueError as error:
        raise SeveralFaultsError([f"{name}: {line}" for line in str(error).splitlines()]) from error


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("an empty list")
    return values


Catalogue = Annotated[Words, PlainValidator(_read_catalogue)]
Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
HashtagText = Annotated[str, AfterValidator(hashtag)]
Hashtags = Annotated[tuple[HashtagText, ...], AfterValidator(_some)]
DatabaseUrl = Annotated[str, AfterValidator(_read_database_url)]
DurationOrNever = Annotated[timedelta | None, BeforeValidator(_read_duration_or_never)]
DurationOrForever = Annotated[timedelta | None, BeforeValidator(_read_duration_or_forever)]
Folder = Annotated[Path, BeforeValidator(_read_path)]
Line = Annotated[str, AfterValidator(one_line)]
MailAddresses = Annotated[tuple[Annotated[str, AfterValidator(mail_address)], ...], AfterValidator(_each_once)]
Moment = Annotated[SendOn, PlainValidator(_read_moment)]
MailSender = Annotated[Sender, PlainValidator(_read_sender)]
Topics = Annotated[
    tuple[Annotated[str, AfterValidator(_read_topic)], ...], AfterValidator(_some), AfterValidator(_each_once)
]
Token = Annotated[SecretStr, AfterValidator(_read_token)]
Zone = Annotated[str, AfterValidator(zone_name)]
