"""The pages of readers: sign up, confirm, choose, leave.

Mail programs and scanners follow the links in mails, so a GET only shows what a button would do; the POST does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collector.config import SeriesSettings
from collector.links.personal import settings_token
from collector.model import Standing, Subscriber
from collector.subscribing.leaving import Unsubscribing, erase_by_link, look_at_unsubscribing, unsubscribe
from collector.subscribing.readership import Readership, readership_of
from collector.subscribing.signing import (
    Confirmation,
    choose,
    confirm,
    look_at_confirmation,
    look_at_settings,
    sign_up,
)
from collector.subscribing.telling import tell
from collector.text.mailaddresses import LONGEST_ADDRESS, normal_address, shown_address
from collector.web.allowances import SIGN_UPS
from collector.web.answers import Answer, see_other, show
from collector.web.drawing import Head
from collector.web.refusing import Refusal
from collector.web.routing import Route
from collector.web.visiting import Visit

_ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058


def _readership(visit: Visit) -> Readership:
    return readership_of(visit.database, visit.settings)


# --- signing up -----------------------------------------------------------------------------------


def show_form(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """The form; `?series=` chooses one."""
    series = visit.settings.open_series
    if not series:
        return _closed(visit)
    named = [one.name for one in series if one.name in visit.query.getlist("series")]
    return _form(visit, series, chosen=named or [series[0].name])


def take_form(visit: Visit, _arguments: Mapping[str, Any]) -> Answer:
    """What is answered depends on what was typed, and on nothing that is known here."""
    series = visit.settings.open_series
    if not series:
        return _closed(visit)
    typed = visit.form.get("address", "").strip()
    chosen = [one.name for one in series if one.name in visit.form.getlist("series")]
    faults = _find_faults(typed, chosen)
    if faults:
        return _form(visit, series, chosen=chosen, typed=typed, faults=faults)
    visit.spend(SIGN_UPS)
    address = normal_address(typed)
    if not sign_up(_readership(visit), address, chosen, visit.now):
        raise Refusal(503, sentence="refused_crowd", wait=timedelta(hours=1))
    return show(visit, "asked.html", Head(title=visit.words.say("asked_title")), address=shown_address(address))


def _closed(visit: Visit) -> Answer:
    return show(visit, "closed.html", Head(title=visit.words.say("closed_title")), status=404)


def _find_faults(typed: str, chosen: Sequence[str]) -> dict[str, str]:
    """The sentence for each field that is wrong."""
    faults = {}
    if not typed:
        faults["address"] = "fault_address_missing"
    elif not _is_public(typed):
        faults["address"] = "fault_address"
    return faults if chosen else faults | {"series": "fault_series"}


def _is_public(typed: str) -> bool:
    """Whether it is an address out in the world: "root@localhost" is nobody who reads a page, but whoever runs it."""
    try:
        return "." in normal_address(typed).rpartition("@")[2]
    except ValueError:
        return False


def _form(
    visit: Visit,
    series: Sequence[SeriesSettings],
    *,
    chosen: Sequence[str],
    typed: str = "",
    faults: Mapping[str, str] | None = None,
) -> Answer:
    words, names = visit.words, _readership(visit)
    title = words.say("subscribe_title")
    head = Head(title=title, address=visit.public.subscribe)
    if faults:
        head = Head(title=words.say("subscribe_fault_title", title=title))
    return show(
        visit,
        "subscribe.html",
        head,
        status=400 if faults else 200,
        title=title,
        choices=[(one.name, *names.name_series([one.name]), one.about or "") for one in series],
        chosen=chosen,
        typed=typed[:LONGEST_ADDRESS],
        faults=faults or {},
    )


# --- confirming -----------------------------------------------------------------------------------


def show_confirming(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """What the button would do, or that it is done."""
    found = look_at_confirmation(_readership(visit), arguments["token"], visit.now)
    if not found.told.comes_back_to:
        return _confirmed(visit, found)
    return _about(visit, found.reader, "confirming", found.told.got)


def take_confirming(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """Does it; a second time says that it is done."""
    return _confirmed(visit, confirm(_readership(visit), arguments["token"], visit.now))


def _confirmed(visit: Visit, found: Confirmation) -> Answer:
    if found.reader is None or not (found.told.got or found.told.left):
        return _about(visit, None, "confirm_nothing", ())
    if not found.told.got:
        return _about(visit, found.reader, "confirm_left", found.told.left)
    return _about(visit, found.reader, "confirmed", found.told.got)


def _about(visit: Visit, reader: Subscriber | None, page: str, series: Sequence[str]) -> Answer:
    """A page with a sentence about somebody and some series, in the words of the first of them."""
    visit = _speaking_of(visit, series)
    named = visit.words.join(_readership(visit).name_series(series))
    return show(
        visit,
        "confirming.html",
        Head(title=visit.words.say(f"{page}_title")),
        page=page,
        lead=visit.words.say(f"{page}_lead", address=shown_address(reader.address) if reader else "", series=named),
        settings=_settings_page(visit, reader),
    )


def _settings_page(visit: Visit, reader: Subscriber | None) -> str:
    return visit.pages.settings(settings_token(visit.signer, reader.key)) if reader else ""


def _speaking_of(visit: Visit, series: Sequence[str]) -> Visit:
    found = _readership(visit).speaker(series)
    return visit.speaking(found.words) if found else visit


# --- settings -------------------------------------------------------------------------------------


def show_settings(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """What somebody gets and may choose; with `?held` everything that is held about them."""
    reader = look_at_settings(_readership(visit), arguments["token"], visit.now)
    if reader is None:
        return show(visit, "nobody.html", Head(title=visit.words.say("own_nobody_title")))
    visit = _speaking_of(visit, reader.series_that_are(Standing.CONFIRMED))
    return _held(visit, reader, arguments) if "held" in visit.query else _settings(visit, reader, arguments)


def take_settings(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """Saves the choice, or erases whom the link belongs to."""
    if look_at_settings(_readership(visit), arguments["token"], visit.now) is None:
        return show_settings(visit, arguments)
    match visit.form.get("do"):
        case "erase":
            erase_by_link(_readership(visit), arguments["token"], visit.now)
            return show(visit, "erased.html", Head(title=visit.words.say("erased_title")))
        case "save":
            choose(_readership(visit), arguments["token"], set(visit.form.getlist("series")), visit.now)
            return see_other(f"{visit.pages.settings(arguments['token'])}?saved")
        case _:
            raise Refusal(400)


def _settings(visit: Visit, reader: Subscriber, arguments: Mapping[str, Any]) -> Answer:
    readership = _readership(visit)
    theirs = reader.series_that_are(Standing.CONFIRMED)
    choices = []
    for name in readership.offered_to(reader):
        series = readership.find_series(name)
        choices.append((name, *readership.name_series([name]), (series.about if series else "") or ""))
    return show(
        visit,
        "settings.html",
        Head(title=visit.words.say("own_title")),
        reader=reader,
        choices=choices,
        chosen=theirs,
        is_saved="saved" in visit.query,
        has_left_list=bool(set(readership.still_fixed(reader)) - set(theirs)),
        held=f"{visit.pages.settings(arguments['token'])}?held",
    )


def _held(visit: Visit, reader: Subscriber, arguments: Mapping[str, Any]) -> Answer:
    zone = ZoneInfo(visit.settings.collector.timezone)
    return show(
        visit,
        "held.html",
        Head(title=visit.words.say("held_title")),
        reader=reader,
        parts=tell(visit.database, reader.folded, visit.words, zone),
        back=visit.pages.settings(arguments["token"]),
    )


# --- leaving --------------------------------------------------------------------------------------


def show_leaving(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """What the buttons would stop, or that it has stopped."""
    found = look_at_unsubscribing(_readership(visit), arguments["token"], visit.now)
    return _left(visit, found) if found.is_over else _leaving(visit, found)


def take_leaving(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """Stops the series at once, or everything; so does a mail program's own button."""
    name, value = _ONE_CLICK
    is_button = visit.form.get(name) == value
    is_everything = not is_button and visit.form.get("do") == "all"
    why = "one click" if is_button else "link"
    found = unsubscribe(_readership(visit), arguments["token"], why, visit.now, is_everything=is_everything)
    return _left(visit, found, is_everything=is_everything)


def _leaving(visit: Visit, found: Unsubscribing) -> Answer:
    visit = _speaking_of(visit, [found.series])
    words, readership = visit.words, _readership(visit)
    (name,) = readership.name_series([found.series])
    return show(
        visit,
        "leaving.html",
        Head(title=words.say("leaving_title", series=name)),
        reader=found.reader,
        series=name,
        others=words.join(readership.name_series(found.others)),
    )


def _left(visit: Visit, found: Unsubscribing, *, is_everything: bool = False) -> Answer:
    visit = _speaking_of(visit, [found.series])
    words, readership = visit.words, _readership(visit)
    (name,) = readership.name_series([found.series])
    if found.reader is None:
        lead = words.say("left_lead_nobody", series=name)
    elif is_everything:
        lead = words.say("left_all_lead", address=shown_address(found.reader.address))
    else:
        lead = words.say("left_lead", series=name, address=shown_address(found.reader.address))
    return show(
        visit,
        "left.html",
        Head(title=words.say("left_title")),
        lead=lead,
        others=words.join(readership.name_series(found.others)),
        settings=_settings_page(visit, found.reader),
    )


ROUTES = (
    Route(path="/subscribe", get=show_form, post=take_form),
    Route(path="/confirm/<token>", get=show_confirming, post=take_confirming),
    Route(path="/settings/<token>", get=show_settings, post=take_settings),
    # Large mail providers ask from few addresses for many people, and nobody is to be kept.
    Route(path="/unsubscribe/<token>", get=show_leaving, post=take_leaving, is_rationed=False),
)
