from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from making_digests import IMPRINT, LONDON, RULES, TOPIC, TUESDAY, WEEK, make_candidate, make_digest, make_shown

from collector.digest import Surroundings, assemble, build_issue, next_window, window_named
from collector.digest.building import Rules
from collector.digest.calendars import WEEKS
from collector.model import Candidate, Counts, DigestState, IssuePlan, Window

CLOSED = (window_named("2026-W46", LONDON),)
AROUND = Surroundings(closed=CLOSED, previous_posts=3)
LAST_WEEK = TUESDAY - timedelta(weeks=1)


def build(*candidates: Candidate, rules: Rules = RULES, around: Surroundings = AROUND) -> IssuePlan:
    return build_issue(WEEK, candidates, rules, around)


def sections(plan: IssuePlan) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for member in plan.members:
        found.setdefault(member.section, []).append(member.post_id)
    return found


@st.composite
def piles(draw: st.DrawFn) -> list[Candidate]:
    return [
        make_candidate(
            number,
            cluster=draw(st.integers(1, 20)),
            author=draw(st.sampled_from("abcdef")),
            network=draw(st.sampled_from(["fediverse", "bluesky"])),
            dated_at=TUESDAY + timedelta(hours=draw(st.integers(-400, 300))),
            counts=Counts(replies=draw(st.integers(0, 9)), boosts=draw(st.integers(0, 9))),
            is_comment=draw(st.booleans()),
            is_history=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(0, 25)) + 1)
    ]


def test_every_post_stands_in_its_section() -> None:
    plan = build(
        make_candidate(1),
        make_candidate(2, counts=Counts(boosts=3)),
        make_candidate(3, is_comment=True),
        make_candidate(4, dated_at=LAST_WEEK),
        make_candidate(5, dated_at=LAST_WEEK, is_comment=True),
        rules=replace(RULES, top_posts=1),
    )
    assert sections(plan) == {"top": [2], "comments": [3], "more": [1], "late": [4, 5]}


def test_in_a_quiet_week_everything_is_a_card() -> None:
    plan = build(*(make_candidate(number) for number in range(1, 11)))
    assert list(sections(plan)) == ["top"]


@given(piles(), st.integers(0, 12))
def test_a_post_has_one_place_and_the_totals_agree(pile: list[Candidate], top_posts: int) -> None:
    plan = build(*pile, rules=replace(RULES, top_posts=top_posts))
    by_id = {candidate.post_id: candidate for candidate in pile}
    members = [by_id[member.post_id] for member in plan.members]
    totals = plan.facts.totals
    clusters = Counter(member.cluster for member in members)
    assert all(number == 1 for number in clusters.values())
    assert totals.posts == len(members) == totals.by_network.get("fediverse", 0) + totals.by_network.get("bluesky", 0)
    assert totals.authors == len({member.author for member in members})
    late = sum(member.section == "late" for member in plan.members)
    assert sum(totals.by_day.values()) == totals.posts - late
    assert len(totals.by_day) == 7
    for name in ("top", "comments", "more", "late"):
        assert [m.position for m in plan.members if m.section == name] == list(range(len(sections(plan).get(name, []))))


@given(piles())
def test_over_the_weeks_a_post_is_in_one_issue_at_most(pile: list[Candidate]) -> None:
    window, taken = window_named("2026-W43", LONDON), Counter[int]()
    closed: list[Window] = []
    for _ in range(8):
        left = [candidate for candidate in pile if candidate.cluster not in taken]
        plan = build_issue(window, left, RULES, Surroundings(closed=closed))
        taken.update(c.cluster for c in pile if c.post_id in {member.post_id for member in plan.members})
        closed.append(window)
        window = next_window(window, LONDON, WEEKS)
    assert all(number <= Counter(c.cluster for c in pile)[cluster] for cluster, number in taken.items())
    dated_inside = {c.cluster for c in pile if c.dated_at >= closed[0].starts_at and c.dated_at < closed[-1].ends_at}
    assert dated_inside == set(taken)


def test_days_are_those_of_the_window_s_zone() -> None:
    apia = ZoneInfo("Pacific/Apia")
    window = window_named("2011-W52", apia)
    posts = [
        make_candidate(number, dated_at=datetime(2011, 12, day, hour, tzinfo=UTC))
        for number, (day, hour) in enumerate([(26, 10), (30, 9), (30, 10), (31, 20)], 1)
    ]
    by_day = build_issue(window, posts, RULES, Surroundings()).facts.totals.by_day
    assert list(by_day) == [date(2011, 12, 26) + timedelta(days=offset) for offset in range(7)]
    assert {day.day: number for day, number in by_day.items() if number} == {26: 1, 29: 1, 31: 1, 1: 1}


def test_also_tagged_counts_what_several_posts_carry_besides_the_topic() -> None:
    plan = build(
        make_candidate(1, hashtags=((TOPIC, "NotCoproduction"), ("nhs", "NHS"), ("once", "once"))),
        make_candidate(2, hashtags=(("nhs", "nhs"), ("codesign", "CoDesign"))),
        make_candidate(3, hashtags=(("nhs", "NHS"), ("nhs", "NHS"), ("codesign", "CoDesign"))),
    )
    assert plan.facts.also_tagged == (("NHS", 3), ("CoDesign", 2))


def test_also_tagged_holds_eight_at_most() -> None:
    tags = tuple((f"tag{number}", f"tag{number}") for number in range(12))
    plan = build(make_candidate(1, hashtags=tags), make_candidate(2, hashtags=tags))
    assert len(plan.facts.also_tagged) == 8


def test_the_liveliest_threads_are_pointed_at() -> None:
    replies = {1: 1, 2: 2, 3: 9, 4: 5, 5: 3}
    plan = build(*(make_candidate(number, counts=Counts(replies=much)) for number, much in replies.items()))
    assert plan.facts.references == (("threads", (3, 4, 5)),)


def test_where_there_are_no_more_posts_than_threads_none_is_pointed_at() -> None:
    posts = [make_candidate(number, counts=Counts(replies=9)) for number in range(1, 5)]
    assert build(*posts[:3]).facts.references == ()
    assert build(*posts).facts.references == (("threads", (1, 2, 3)),)


def test_a_quiet_week_looks_back_and_a_full_one_does_not() -> None:
    archive = [
        make_candidate(100 + number, dated_at=TUESDAY - timedelta(weeks=52), counts=Counts(boosts=number))
        for number in range(5)
    ]
    around = replace(AROUND, archive=[*archive, make_candidate(200, cluster=1, counts=Counts(boosts=50))])
    quiet = build(make_candidate(1), around=around)
    assert quiet.facts.references == (("archive", (104, 103, 102)),)
    full = build(*(make_candidate(number) for number in range(1, 12)), around=around)
    assert full.facts.references == ()


def test_what_was_taken_back_since_is_counted_where_it_stood() -> None:
    shown = [make_shown(number, counts=Counts(boosts=9 - number)) for number in (1, 2, 3)]
    digest = make_digest(shown, gone=frozenset({2}))
    top = digest.sections[0]
    assert [one.post.uri[-1] for one in top.posts] == ["1", "3"]
    assert top.taken_back == 1
    assert digest.totals.posts == 3


def test_a_digest_shows_the_counts_of_when_it_was_built() -> None:
    shown = make_shown(1, counts=Counts(boosts=2, replies=2))
    plan = build(make_candidate(1, counts=Counts(boosts=2, replies=2)), *map(make_candidate, (2, 3, 4)))
    later = {1: replace(shown, counts=Counts(boosts=90, replies=80))}
    digest = assemble(plan, later, IMPRINT, DigestState.BUILT)
    assert digest.sections[0].posts[0].counts == Counts(boosts=2, replies=2)
    assert digest.references[0].posts[0].counts == Counts(boosts=2, replies=2)


def test_a_digest_has_its_four_sections_by_name() -> None:
    digest = make_digest([make_shown(1)])
    assert [section.name for section in digest.sections] == ["top", "comments", "more", "late"]
    assert digest.subject == "#notcoproduction, week 47: 1 new example"


def test_what_nobody_has_touched_is_not_called_passed_on() -> None:
    assert make_digest([make_shown(1)]).sections[0].title == "This week’s examples"
    assert make_digest([make_shown(1, counts=Counts(likes=1))]).sections[0].title == "Passed on most"


def voices(candidates: list[Candidate], known: frozenset[int] | None) -> list[int]:
    plan = build_issue(WEEK, candidates, RULES, Surroundings(known=known))
    return list(dict(plan.facts.references).get("new_voices", ()))


def test_the_first_post_of_each_who_had_not_posted_before_is_a_new_voice() -> None:
    hour = timedelta(hours=1)
    candidates = [
        make_candidate(1, author="ann", dated_at=TUESDAY + hour),
        make_candidate(2, author="ann"),
        make_candidate(3, author="bob"),
        make_candidate(4, author="cat", dated_at=TUESDAY - hour),
    ]
    assert voices(candidates, frozenset({3})) == [4, 2]
    assert voices(candidates, None) == []


def test_a_copy_makes_nobody_new() -> None:
    candidates = [
        make_candidate(1, author="ann@fedi", cluster=1),
        make_candidate(2, author="ann@sky", cluster=1, dated_at=TUESDAY - timedelta(hours=1)),
        make_candidate(3, author="ann@sky", cluster=3),
        make_candidate(4, author="ann@fedi", cluster=4),
    ]
    assert voices(candidates, frozenset()) == [2]
    assert voices(candidates, frozenset({3})) == []


def test_the_trend_ends_with_the_window_itself() -> None:
    plan = build_issue(WEEK, [make_candidate()], RULES, Surroundings(trend=(("2026-W46", 7),)))
    assert plan.facts.trend == (("2026-W46", 7), ("2026-W47", 1))
