"""`[health]` and `[warnings]`: where probes ask, and who is warned."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.config import Listen, Settings, build_settings
from collector.errors import ConfigError

LISTEN = 'an IP address of this machine and a port, such as "127.0.0.1:9464"'


def build(environ: dict[str, str] | None = None, **tables: dict[str, Any]) -> Settings:
    return build_settings({"collector": {"hashtags": ["x"]}, **tables}, folder=Path("/nowhere"), environ=environ or {})


def test_nobody_is_answered_and_nobody_warned_unless_somebody_says_so() -> None:
    settings = build()
    assert settings.health.listen is None
    assert (settings.warnings.to, settings.warnings.silent_after) == ((), timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "listen", "shown"),
    [
        ("127.0.0.1:9464", Listen(host="127.0.0.1", port=9464), "127.0.0.1:9464"),
        ("127.8.8.8:1", Listen(host="127.8.8.8", port=1), "127.8.8.8:1"),
        ("[::1]:9464", Listen(host="::1", port=9464), "[::1]:9464"),
        ("localhost:65535", Listen(host="127.0.0.1", port=65535), "127.0.0.1:65535"),
    ],
)
def test_an_address_of_this_machine_alone_is_taken(text: str, listen: Listen, shown: str) -> None:
    found = build(health={"listen": text}).health.listen
    assert (found, str(found)) == (listen, shown)


@pytest.mark.parametrize("text", ["0.0.0.0:9464", "[::]:9464", "192.168.1.2:9464"])
def test_what_other_machines_can_reach_has_to_be_said_plainly(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(health={"listen": text})
    assert str(refused.value) == (
        f"collector.toml: health.listen: {text} can be reached from other machines: say health.allow_remote = true"
        f" if it is meant to; accepted: {LISTEN}"
    )
    assert str(build(health={"listen": text, "allow_remote": True}).health.listen) == text


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"listen": "9464"}, f'health.listen: not an address to listen at: "9464"; accepted: {LISTEN}'),
        ({"listen": ":9464"}, f'health.listen: not an address to listen at: ":9464"; accepted: {LISTEN}'),
        ({"listen": "::1:9464"}, f'health.listen: not an address to listen at: "::1:9464"; accepted: {LISTEN}'),
        (
            {"listen": "[127.0.0.1]:1"},
            f'health.listen: not an address to listen at: "[127.0.0.1]:1"; accepted: {LISTEN}',
        ),
        ({"listen": "me.example:1"}, f'health.listen: not an address to listen at: "me.example:1"; accepted: {LISTEN}'),
        (
            {"listen": "127.0.0.1:0"},
            f'health.listen: a port that is no number from 1 to 65535: "127.0.0.1:0"; accepted: {LISTEN}',
        ),
        (
            {"listen": "127.0.0.1:x"},
            f'health.listen: a port that is no number from 1 to 65535: "127.0.0.1:x"; accepted: {LISTEN}',
        ),
        (
            {"listen": "127.0.0.1:65536"},
            f'health.listen: a port that is no number from 1 to 65535: "127.0.0.1:65536"; accepted: {LISTEN}',
        ),
        ({"listen": 9464}, f"health.listen: wrong type (a whole number); accepted: {LISTEN}"),
        ({"port": 9464}, "health.port: unknown key; accepted: allow_remote, listen"),
        ({"allow_remote": "yes"}, "health.allow_remote: wrong type (text); accepted: true or false"),
    ],
)
def test_what_is_no_address_has_its_line(table: dict[str, Any], line: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(health=table)
    assert str(refused.value) == f"collector.toml: {line}"


def test_addresses_to_warn_are_in_their_normal_form_and_each_once() -> None:
    assert build(warnings={"to": ["Ops@EXAMPLE.org", "Ops@example.org"]}).warnings.to == ("Ops@example.org",)
    with pytest.raises(ConfigError, match=r'^collector\.toml: warnings\.to\[1\]: not an e-mail address: "nobody"'):
        build(warnings={"to": ["nobody"]})
    with pytest.raises(ConfigError, match=r'^collector\.toml: warnings\.silent_after: not a duration: "soon"'):
        build(warnings={"silent_after": "soon"})


def test_both_can_come_from_the_environment() -> None:
    environ = {
        "COLLECTOR_HEALTH__LISTEN": "0.0.0.0:9464",
        "COLLECTOR_HEALTH__ALLOW_REMOTE": "true",
        "COLLECTOR_WARNINGS__TO": "a@example.org,b@example.org",
    }
    settings = build(environ)
    assert settings.health.listen == Listen(host="0.0.0.0", port=9464)
    assert settings.warnings.to == ("a@example.org", "b@example.org")
