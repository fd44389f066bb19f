"""`[[source]]`: a place that posts come from. Which keys it takes hangs on its kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, StrictBool, ValidationInfo, field_validator

from collector.config.addresses import page_address, server_address
from collector.config.durations import DURATION_FORM
from collector.config.faults import SeveralFaultsError, shown
from collector.config.fields import Duration, Line, Token, Topics
from collector.config.kinds import Asks, SourceForm, Watching, form_of, known_kinds
from collector.config.secrets import spellings
from collector.config.tables import TOPICS_FORM, Table
from collector.model import WatchKey
from collector.text.addresses import host_address
from collector.text.hashtags import asked_form


def _known_kind(name: str) -> str:
    try:
        form_of(name)
    except ValueError as error:
        reason = "unknown" if str(error) == "no such kind" else str(error)
        raise ValueError(f"{reason}: {shown(name)}") from None
    return name


def _host_of(source: dict[str, Any]) -> str:
    return urlsplit(source.get("url", "")).hostname or ""


def _form(info: ValidationInfo) -> SourceForm | None:
    """What the kind takes; None where the kind is at fault, which is told already."""
    kind = info.data.get("kind")
    return form_of(kind) if kind else None


class SourceSettings(Table):
    """`[[source]]`: a place that posts come from. `interval` and `topics` are filled in where the file is silent."""

    secrets: ClassVar[tuple[str, ...]] = ("token", "password")

    kind: Annotated[str, AfterValidator(_known_kind)] = Field(description=", ".join(known_kinds()))
    url: str = Field(description='http:// or https:// and a host, such as "https://mastodon.example"')
    name: Line = Field(default_factory=_host_of, description='a short line of text, such as "our server"')
    token: Token | None = Field(default=None, description=f"one of {', '.join(spellings('token'))}")
    username: Line | None = Field(
        default=None, validate_default=True, description='for bluesky, the handle to log in with: "you.bsky.social"'
    )
    password: SecretStr | None = Field(
        default=None, validate_default=True, description=f"for bluesky, one of {', '.join(spellings('password'))}"
    )
    collect: str = Field(
        default="",
        validate_default=True,
        description='wordpress: "comments", "hashtag", "posts"; bluesky: "hashtag", "words"; feed: "hashtag", "all"',
    )
    topics: Topics = Field(default=(), alias="hashtags", description=TOPICS_FORM)
    interval: Duration = Field(default=timedelta(minutes=10), description=DURATION_FORM)
    allow_private_network: StrictBool = Field(default=False, description="true or false")

    @property
    def form(self) -> SourceForm:
        """What the kind takes."""
        return form_of(self.kind)

    @property
    def address(self) -> str:
        """scheme://host[:port]: whom to be polite to."""
        return host_address(self.url)

    @property
    def place(self) -> str:
        """How readers are told of it: by its address, or by its name where nobody else can reach that."""
        return self.name if self.allow_private_network else self.address

    @property
    def takes_everything(self) -> bool:
        """True where all that is found counts, tagged or not."""
        return any(watching.asks is Asks.EVERYTHING for watching in self.form.collects[self.collect])

    def keys(self, topic: str, written: list[str]) -> list[WatchKey]:
        """What is watched here for a topic whose spellings are `written` so, its own first."""
        return [
            key
            for watching in self.form.collects[self.collect]
            for key in self._keys(watching, topic, list(dict.fromkeys(asked_form(tag) for tag in written)))
        ]

    def _keys(self, watching: Watching, topic: str, spelled: list[str]) -> list[WatchKey]:
        hashtags = {Asks.SPELLING: spelled, Asks.TOPIC: spelled[:1], Asks.EVERYTHING: [""]}[watching.asks]
        thread = "" if watching.part is None else self.url + watching.part
        return [
            WatchKey(kind=self.kind, address=self.address, hashtag=tag, topic=topic, thread=thread) for tag in hashtags
        ]

    @field_validator("url")
    @classmethod
    def _is_of_the_kind(cls, value: str, info: ValidationInfo) -> str:
        form = _form(info)
        return page_address(value) if form is None or form.is_page else server_address(value)

    @field_validator("token", "username", "password")
    @classmethod
    def _is_for_the_kind(cls, value: Any, info: ValidationInfo) -> Any:
        form, key = _form(info), str(info.field_name)
        if form is not None and value is None and key in form.needs:
            raise ValueError(f"missing: {info.data['kind']} needs it")
        if form is not None and value is not None and key not in form.accepts:
            takes = f"it takes {', '.join(sorted(form.accepts))}" if form.accepts else "nobody logs in there"
            raise SeveralFaultsError([f"not for kind {shown(info.data['kind'])}: {takes}"])  # says what is accepted
        return value

    @field_validator("collect")
    @classmethod
    def _is_collected_there(cls, value: str, info: ValidationInfo) -> str:
        form = _form(info)
        if form is None:
            return value
        if value and value not in form.collects:
            accepted = ", ".join(shown(name) for name in form.collects)
            raise ValueError(f"unknown for kind {shown(info.data['kind'])}: {shown(value)} ({accepted} it has)")
        return value or form.default_collect
