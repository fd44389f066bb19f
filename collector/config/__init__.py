"""The TOML file and the environment, brought into checked settings; or a `ConfigError` that says what to change.

    find the file → read it → merge the environment → resolve secrets → check each table → check across tables

Each step hands its faults on as values, so that a person sees all of them at once.
"""

from collector.config.addresses import Listen
from collector.config.durations import format_duration, parse_duration
from collector.config.loading import build_settings, load_settings
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.places import SourceSettings
from collector.config.schedules import SendOn
from collector.config.settings import Settings
from collector.config.tables import (
    CatchUp,
    CollectorSettings,
    DatabaseSettings,
    MailSettings,
    PollingSettings,
    Security,
    SeriesSettings,
    WhenEmpty,
)

__all__ = [
    "CatchUp",
    "CollectorSettings",
    "DatabaseSettings",
    "HealthSettings",
    "Listen",
    "MailSettings",
    "PollingSettings",
    "Security",
    "SendOn",
    "SeriesSettings",
    "Settings",
    "SourceSettings",
    "WarningSettings",
    "WhenEmpty",
    "build_settings",
    "format_duration",
    "load_settings",
    "parse_duration",
]
