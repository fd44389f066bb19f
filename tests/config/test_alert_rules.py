"""The sample rules for Prometheus are held to what the daemon tells."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from collecting import Clock, keep, publishing
from making import NOW, make_post
from prometheus_client.parser import text_string_to_metric_families

from collector.probes.pages import METRICS, health_pages
from collector.probes.pulse import JobPulse, Pulse

RULES = Path(__file__).parents[2] / "config" / "alerts.yml"
TEXT = RULES.read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
OF_PROMETHEUS = {"up": {"job", "instance"}}  # what it adds itself


@pytest.fixture
def told(tmp_path: Path) -> str:
    """The metrics of a small collection."""
    pulse = Pulse(began_at=NOW, jobs=(JobPulse(name="poll"),))
    with publishing(tmp_path, clock=Clock(NOW)) as app:
        keep(app, make_post())
        app.close_due_windows()
        return health_pages(app.subject(), lambda: pulse)[METRICS]().body.decode()


def labels_by_metric(told: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            found.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    return found


def rules() -> dict[str, str]:
    """Each rule's text by its name."""
    _, *parts = re.split(r"^ +- alert: (\w+)$", TEXT, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def expression(rule: str) -> str:
    return rule.partition("expr:")[2].partition("\n        labels:")[0]


def test_there_is_a_rule_for_each_thing_that_goes_wrong() -> None:
    assert {"CollectorDown", "CollectorSourceUnread", "CollectorDigestOverdue", "CollectorMailStuck"} <= rules().keys()


@pytest.mark.parametrize("name", rules())
def test_a_rule_names_what_the_daemon_tells(name: str, told: str) -> None:
    rule, known = rules()[name], labels_by_metric(told) | OF_PROMETHEUS
    metrics = re.findall(r"\b(?:hashtag_collector_\w+|up)\b", expression(rule))
    assert metrics
    assert set(metrics) <= known.keys()
    labels = set().union(*(known[metric] for metric in metrics))
    used = re.findall(r"\b(\w+)=~?\"", expression(rule)) + re.findall(r"\$labels\.(\w+)", rule)
    assert set(used) <= labels


def test_a_task_or_state_that_a_rule_asks_for_is_there(told: str) -> None:
    for label, values in re.findall(r"\b(task|state)=~?\"([^\"]+)\"", TEXT):
        for value in values.split("|"):
            assert f'{label}="{value}"' in told


@pytest.mark.skipif(PROMTOOL is None, reason="Prometheus is not on this machine")
def test_prometheus_finds_nothing_wrong_with_rules_and_metrics(told: str) -> None:
    for arguments, said in ((["check", "rules", str(RULES)], ""), (["check", "metrics"], told)):
        done = subprocess.run([str(PROMTOOL), *arguments], input=said, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
