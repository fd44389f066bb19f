"""What `check` finds, one each: configuration, database, sources, mail, readers, curators, pages; in that order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collector.app import App
from collector.config import Approval, Listen, SeriesSettings, format_duration
from collector.errors import CollectorError, Condition, ListenError
from collector.mailbox import Mailbox, mailbox_for
from collector.probes.pages import HEALTH
from collector.probes.probing import ask
from collector.probes.server import try_listening
from collector.sources import Probe
from collector.storage import schema
from collector.storage.recipients import measure_readers


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_ok: bool
    message: str
    condition: str | None = None  # of a source
    needs_token: bool | None = None
    rules_url: str | None = None


def steps(app: App) -> int:
    """How many findings there will be."""
    settings = app.settings
    told = sum((bool(settings.warnings.to), settings.health.listen is not None, settings.bounces.host is not None))
    told += sum(series.curator is not None for series in settings.digests)
    told += settings.web.listen is not None or settings.web.base_url is not None
    told += len(_unheard(app))
    return 3 + told + sum(len(source.topics) for source in settings.sources) + (not settings.sources)


def check_all(app: App) -> Iterator[Finding]:
    """Looks at one thing after the other; nothing is fetched to be kept, sent or created."""
    settings = app.settings
    topics = ", ".join(f"#{settings.display(topic)}" for topic in settings.topics)
    yield Finding(what="configuration", is_ok=True, message=f"{settings.file} collects {topics}")
    yield _database(app)
    if not settings.sources:
        yield Finding(what="sources", is_ok=False, message="none is configured: add a [[source]]")
    for source in settings.sources:
        for topic in source.topics:
            want = next(w for w in settings.wanted_watches() if w.name == source.name and w.key.topic == topic)
            probe = app.places.source_at(want.key).probe(want.key)
            yield _source(source.name, settings.display(topic), probe)
    yield _mail(app)
    if mailbox := mailbox_for(settings.bounces):
        yield _bounces(mailbox)
    yield from (_nobody(series, app) for series in _unheard(app))
    yield from (_curator(series) for series in settings.digests if series.curator)
    if settings.web.listen or settings.web.base_url:
        yield _pages(app)
    if settings.warnings.to:
        to = ", ".join(settings.warnings.to)
        yield Finding(what="warnings", is_ok=True, message=f"what needs a person goes to {to}, the same way")
    if settings.health.listen:
        yield _health(settings.health.listen)


def _database(app: App) -> Finding:
    try:
        version = schema.current(app.database)
        if version is not None:
            schema.require(app.database)
        schema.require_writable(app.database)
    except CollectorError as error:
        return Finding(what="database", is_ok=False, message=str(error))
    state = f"schema {version}" if version else "not there yet; the first poll makes it"
    return Finding(what="database", is_ok=True, message=f"{app.database.shown}: {state}")


def _source(name: str, hashtag: str, probe: Probe) -> Finding:
    more = []
    if probe.condition is Condition.HALF_FEED:
        more.append("what is collected here is incomplete")
    if probe.needs_token and not probe.condition.needs_a_person:
        more.append("a token would show more")
    if probe.rules_url:
        more.append(f"its rules: {probe.rules_url}")
    software = f" ({probe.version})" if probe.version else ""
    return Finding(
        what=f"{name} #{hashtag}",
        is_ok=not probe.condition.is_failure,
        message="; ".join([f"{probe.message}{software}", *more]),
        condition=str(probe.condition),
        needs_token=probe.needs_token,
        rules_url=probe.rules_url,
    )


def _unheard(app: App) -> list[SeriesSettings]:
    """The series that nobody gets, and nobody could sign up for: all would seem well, and no digest would arrive."""
    settings = app.settings
    closed = [one for one in settings.digests if not (one.to or (one.sign_up and settings.web.base_url))]
    try:
        if not closed or schema.current(app.database) is None:
            return closed
        schema.require(app.database)
        with app.database.read() as conn:
            return [one for one in closed if not measure_readers(conn, one.name, one.to).recipients]
    except CollectorError:  # told where the database is looked at
        return []


def _nobody(series: SeriesSettings, app: App) -> Finding:
    lacking = "sign_up is false" if app.settings.web.base_url else "without web.base_url nobody can sign up"
    message = f"nobody gets it yet: `to` is empty, {lacking}, and 'collector subscribers add' has added nobody"
    return Finding(what=f"readers of {series.name}", is_ok=True, message=message)


def _curator(series: SeriesSettings) -> Finding:
    waits = ", and nothing goes out without their word" if series.approval is Approval.REQUIRED else ""
    message = f"{series.curator} gets a preview {format_duration(series.preview)} before a digest goes out{waits}"
    return Finding(what=f"curator of {series.name}", is_ok=True, message=message)


def _pages(app: App) -> Finding:
    """The port is free, or it is these pages that are answered there; and what readers can do on them."""
    web = app.settings.web
    if web.listen is None:
        where = "web.listen names no address, so 'collector run' serves none; 'collector serve' does"
        return Finding(what="pages", is_ok=True, message=f"{where}; {_reach(app)}")
    from collector.web.answering import are_answered
    from collector.web.serving import try_listening

    if are_answered(app.site(web.listen), web.listen):
        return Finding(what="pages", is_ok=True, message=f"they are answered at {web.listen}; {_reach(app)}")
    try:
        try_listening(web.listen)
    except ListenError as error:
        return Finding(what="pages", is_ok=False, message=str(error))
    message = f"{web.listen} is free for 'collector run' to serve them at; {_reach(app)}"
    return Finding(what="pages", is_ok=True, message=message)


def _reach(app: App) -> str:
    """Who can sign up there, and by what mails lead there."""
    base_url = app.settings.web.base_url
    if base_url is None:
        return "without web.base_url nobody can subscribe there, and no mail links to them"
    names = ", ".join(series.name for series in app.settings.digests if series.sign_up)
    told = f"mails link to {base_url}; people can subscribe to {names or 'nothing'}"
    if not base_url.startswith("https://"):
        told += "; without https:// mail programs show no button to unsubscribe"
    return told


def _health(listen: Listen) -> Finding:
    """The port is free, or it is the collector's own daemon that has it."""
    causes = ask(listen, HEALTH)
    if causes is not None:
        state = f"is not well: {'; '.join(causes)}" if causes else "is well"
        return Finding(what="health", is_ok=not causes, message=f"a collector answers at {listen}, and {state}")
    try:
        try_listening(listen)
    except ListenError as error:
        return Finding(what="health", is_ok=False, message=str(error))
    return Finding(what="health", is_ok=True, message=f"{listen} is free for 'collector run' to answer probes at")


def _mail(app: App) -> Finding:
    try:
        deliverer = app.deliverer()
        deliverer.verify()
    except CollectorError as error:
        return Finding(what="mail", is_ok=False, message=str(error))
    return Finding(what="mail", is_ok=True, message=f"digests go to {deliverer.place}")


def _bounces(mailbox: Mailbox) -> Finding:
    try:
        mails = mailbox.verify()
    except CollectorError as error:
        return Finding(what="bounces", is_ok=False, message=str(error))
    return Finding(
        what="bounces", is_ok=True, message=f"what comes back is read in {mailbox.place}, {mails:,} there now"
    )
