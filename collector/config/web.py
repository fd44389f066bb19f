"""`[web]`: the pages behind the digests, and the address that mails link to."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator

from collector.config.addresses import Listen, base_address, listen_address
from collector.config.fields import Line, read_text
from collector.config.tables import Table


def _machine(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as error:
        raise ValueError(f"not an IP address: {text}") from error


class WebSettings(Table):
    """`[web]`: without `listen`, `collector run` serves no pages; without `base_url`, mails link to none."""

    listen: Annotated[Listen, PlainValidator(lambda value: listen_address(read_text(value)))] | None = Field(
        default=None, description='an IP address of this machine and a port, such as "127.0.0.1:8080"'
    )
    base_url: Annotated[str, AfterValidator(base_address)] | None = Field(
        default=None, description='the address that readers reach the pages at, such as "https://digest.example.org"'
    )
    proxies: tuple[Annotated[str, AfterValidator(_machine)], ...] = Field(
        default=(), description='a list of the IP addresses of your own reverse proxies, such as ["127.0.0.1"]'
    )
    title: Line | None = Field(default=None, description="a line of text")
    imprint: Line | None = Field(default=None, description="a line with a postal address, or whom to write to")
