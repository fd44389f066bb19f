"""The TOML file and the environment, brought into checked settings; or a `ConfigError` that says what to change.

    find the file → read it → merge the environment → resolve secrets → check each table → check across tables

Each step hands its faults on as values, so that a person sees all of them at once.
"""

from collector.config.addresses import Listen
from collector.config.durations import format_duration, parse_duration
from collector.config.loading import build_settings, load_settings
from collector.config.mail import BounceSettings, MailSettings, Security
from collector.config.oversight import HealthSettings, WarningSettings
from collector.config.places import SourceSettings
from collector.config.schedules import SendOn
from collector.config.series import Approval, CatchUp, SeriesSettings, WhenEmpty
from collector.config.settings import Settings
from collector.config.tables import CollectorSettings, DatabaseSettings, PollingSettings
from collector.config.web import WebSettings

__all__ = [
    "Approval",
    "BounceSettings",
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
    "WebSettings",
    "WhenEmpty",
    "build_settings",
    "format_duration",
    "load_settings",
    "parse_duration",
]
