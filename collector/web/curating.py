"""The pages behind a curator's links: a digest to come, and each of its posts, with what can be decided.

Whoever holds a link is its curator. A GET only shows; a POST decides, and then the same page shows what stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from collector.links import Signer
from collector.mailing.curating import (
    LONGEST_NOTE,
    Case,
    Decision,
    ask_about,
    clean_note,
    decide,
    find_left_out,
    has_to_wait,
    open_case,
    whole_link,
)
from collector.mailing.kinds import write_contents
from collector.model import DigestState
from collector.render import list_parts, make_card, set_scene
from collector.storage.database import Connection
from collector.storage.deliveries import DIGEST
from collector.web.answers import HTML, Answer, give, see_other, show
from collector.web.drawing import Head
from collector.web.refusing import Refusal
from collector.web.routing import Route
from collector.web.visiting import Visit
from collector.words import Words

_LOOK = "look"  # in place of a choice: the mail itself
_NOTED = "noted"  # in the address of the page that a note leads to
_AS_A_MAIL = {  # its styles stand on its elements; nothing else is let in
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex",
}
_CHOICES = ("leave_out", "put_first", "add_note")


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """What a form does, and what it says of that."""

    decision: Decision
    label: str
    asks: str = ""


def show_curating(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """The digest or the post that a link is about."""
    token, signer = arguments["token"], visit.signer
    with visit.database.read() as conn:
        case = open_case(conn, visit.settings, signer, token, visit.now)
        visit = visit.speaking(case.desk.series.words)
        if case.link.post_id is not None:
            return _show_post(visit, signer, case, token)
        if visit.query.get("do") == _LOOK:
            return _show_mail(conn, visit, case)
        return _show_digest(conn, visit, signer, case, token)


def decide_curating(visit: Visit, arguments: Mapping[str, Any]) -> Answer:
    """What the curator decided is done, if it can still be."""
    token, signer = arguments["token"], visit.signer
    try:
        decision = Decision(visit.form.get("decision", ""))
    except ValueError:
        raise Refusal(400) from None
    note = clean_note(visit.form.get("note", ""))
    with visit.database.write() as conn:
        case = open_case(conn, visit.settings, signer, token, visit.now)
        visit = visit.speaking(case.desk.series.words)
        if case.link.post_id is not None and case.post is None:  # hidden or forgotten since the page was shown
            return _say(visit, case, "curate_taken_back", status=409)
        if len(note) > LONGEST_NOTE:
            return _show_post(visit, signer, case, token, note=note)
        if not decide(conn, case, decision, note, visit.now):
            return _say(visit, case, "curate_too_late", status=409)
    page = visit.pages.curate(token, _choice(visit) if case.link.post_id is not None else "")
    return see_other(f"{page}&{_NOTED}" if decision is Decision.NOTE else page)


def _choice(visit: Visit) -> str:
    asked = visit.query.get("do", "")
    return asked if asked in _CHOICES else _CHOICES[0]


def _show_mail(conn: Connection, visit: Visit, case: Case) -> Answer:
    """The very mail that readers would get now."""
    series = case.desk.series
    contents = write_contents(conn, visit.settings, series, case.link.name, DIGEST, visit.now, is_personal=False)
    return replace(give(contents.letter.html, HTML, headers=_AS_A_MAIL), is_personal=True)


def _show_digest(conn: Connection, visit: Visit, signer: Signer, case: Case, token: str) -> Answer:
    words, stored = visit.words, case.stored
    if not case.is_open:
        return _say(visit, case, "curate_skipped" if stored.state is DigestState.SKIPPED else "curate_gone_out")
    asked = ask_about(conn, case.desk, stored, signer, visit.pages, visit.now)
    asked = replace(asked, left_out=find_left_out(conn, case.desk, stored))
    return show(
        visit,
        "curate_digest.html",
        Head(title=asked.digest.subject),
        told_first=tuple(_tell(visit, case, is_empty=not asked.digest.totals.posts)),
        button=_approval(words, case) if case.is_awaited else None,
        parts=list_parts(asked, words),
        look=visit.pages.curate(token, _LOOK),
        action=visit.pages.curate(token),
    )


def _tell(visit: Visit, case: Case, *, is_empty: bool) -> Iterator[str]:
    """When it goes out, and what has to happen before."""
    words, now, stored = visit.words, visit.now, case.stored
    moment = words.name_moment(case.goes_out_at, case.zone, with_zone=True)
    is_late, is_let_go = now >= case.goes_out_at, stored.approved_at is not None
    if not case.is_awaited:
        yield words.say("curate_goes", moment=moment)
    elif is_let_go:
        yield words.say("curate_let_go_late" if is_late else "curate_let_go", moment=moment)
    else:
        yield words.say("curate_waits" if is_late else "curate_asks", moment=moment)
    if has_to_wait(case):
        yield words.say("curate_after")
    if now < stored.window.ends_at:
        key = "curate_running_let_go" if case.is_awaited else "curate_running"
        yield words.say(key, moment=words.name_moment(stored.window.ends_at, case.zone, with_zone=True))
    if is_empty:
        yield words.say("curate_empty")


def _approval(words: Words, case: Case) -> Button:
    if case.stored.approved_at is not None:
        return Button(decision=Decision.HOLD_BACK, label=words.say("hold_back"))
    return Button(decision=Decision.LET_GO, label=words.say("let_go"))


def _show_post(visit: Visit, signer: Signer, case: Case, token: str, *, note: str | None = None) -> Answer:
    """The post, what stands of it, and one button; `note` is one that is too long, and not lost by that."""
    if case.post is None:
        return _say(visit, case, "curate_taken_back")
    is_noted = _NOTED in visit.query
    if not case.is_open and not case.curation.note:
        return _say(visit, case, "curate_gone_out_taken_back" if is_noted else "curate_gone_out")
    words, choice = visit.words, _choice(visit)
    fault = "" if note is None else words.say("note_too_long", length=words.number(len(note)), most=LONGEST_NOTE)
    others = [one for one in _CHOICES if one != choice] if case.is_open else []
    return show(
        visit,
        "curate_post.html",
        Head(title=words.say("curate_title")),
        status=400 if fault else 200,
        card=make_card(case.post, set_scene(case.topics, case.zone, words)),
        stands=tuple(_stands(words, case, is_noted=is_noted)),
        button=_button(words, case, choice) if case.is_open else _last_word(words),
        note=(case.curation.note if note is None else note) if case.is_open and choice == "add_note" else None,
        fault=fault,
        others=[(words.say(f"choose_{one}"), visit.pages.curate(token, one)) for one in others],
        whole=whole_link(case, signer, visit.pages, visit.now),
        action=visit.pages.curate(token, choice),
    )


def _stands(words: Words, case: Case, *, is_noted: bool) -> Iterator[str]:
    """What was decided so far, and what became of the note that was just sent."""
    if is_noted:
        yield words.say("note_stands" if case.curation.note else "note_taken_back")
    if not case.is_open:
        yield words.say("curate_gone_out")
    elif case.curation.left_out_at:
        yield words.say("leave_out_stands")
    elif case.curation.first_at:
        yield words.say("put_first_stands")


def _button(words: Words, case: Case, choice: str) -> Button:
    if choice == "add_note":
        return Button(
            decision=Decision.NOTE, label=words.say("note_does"), asks=words.say("note_asks", most=LONGEST_NOTE)
        )
    if choice == "put_first":
        if case.curation.first_at:
            return Button(decision=Decision.PUT_BACK, label=words.say("put_back_does"))
        return Button(decision=Decision.PUT_FIRST, label=words.say("put_first_does"), asks=words.say("put_first_asks"))
    if case.curation.left_out_at:
        return Button(decision=Decision.TAKE_IN, label=words.say("take_in_does"))
    return Button(decision=Decision.LEAVE_OUT, label=words.say("leave_out_does"), asks=words.say("leave_out_asks"))


def _last_word(words: Words) -> Button:
    """All that can still be done about a digest that went out: an empty note."""
    return Button(decision=Decision.NOTE, label=words.say("note_takes_back"), asks=words.say("curate_gone_out_note"))


def _say(visit: Visit, case: Case, key: str, *, status: int = 200) -> Answer:
    """A page that says why there is nothing to decide."""
    is_built = case.stored.state is DigestState.BUILT
    address = visit.pages.digest(case.link.series, case.link.name) if is_built else ""
    title = visit.words.say("curate_title" if case.link.post_id is not None else "preview_heading")
    return show(
        visit, "curate_said.html", Head(title=title), status=status, text=visit.words.say(key), gone_out=address
    )


ROUTES = (Route(path="/curate/<token>", get=show_curating, post=decide_curating),)
