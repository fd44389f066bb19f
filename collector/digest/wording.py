"""Everything the project itself says in a digest: one catalogue, so that a translation is a second one.

Sentences are whole and their places are named, so that another language can order them as it likes. `COUNTED` holds a
sentence for each plural form; "zero" and "two" are used where a person would have a word for it.
"""

from __future__ import annotations

LANGUAGE = "en"

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

TITLES = {
    "top": "Passed on most",
    "top_untouched": "This week's examples",
    "comments": "From the comments",
    "more": "Everyone else",
    "late": "Arrived late",
    "threads": "Worth opening",
    "archive": "From the archive",
    "also_tagged": "Also tagged",
}

NETWORKS = {
    "fediverse": "fediverse",
    "bluesky": "Bluesky",
    "wordpress": "WordPress",
    "feed": "a feed",
    "twitter": "Twitter",
}
ON_NETWORK = {
    "fediverse": "on the fediverse",
    "bluesky": "on Bluesky",
    "wordpress": "in blog comments",
    "feed": "in one feed",
    "twitter": "on Twitter",
}
SITES = {"bsky.app": "Bluesky", "twitter.com": "Twitter"}  # hosts that people know by another name

MEDIA = {"image": "Picture", "gifv": "Animation", "video": "Film", "audio": "Sound", "unknown": "Attachment"}

WORDS = {
    # dates
    "day": "{weekday} {day} {month}",
    "day_with_year": "{weekday} {day} {month} {year}",
    "moment": "{day}, {clock}",
    "span": "{first_day} to {last_day} {month} {year}",
    "span_of_months": "{first_day} {first_month} to {last_day} {month} {year}",
    "span_of_years": "{first_day} {first_month} {first_year} to {last_day} {month} {year}",
    # lists
    "and": " and ",
    "comma": ", ",
    "tag_count": "#{tag} {count}",
    # the top of the letter
    "first_line": "{topics}, week {week} ({span})",
    "week_line": "Week {week} · {span}",
    "sentence": "{examples} from {people} {where}.",
    "sentence_compared": "{examples} from {people} {where}, {compared}.",
    "empty_sentence": "Nothing new this week.",
    "as_many": "as many as the week before",
    "still_open": "This is how the digest stands for now: it has not been put together for good.",
    "quote": "“{text}”",
    "quote_and_more": "“{text}” and {more} more",
    # a post
    "behind_warning": "Behind a warning: {words}",
    "behind_nothing": "Behind a warning",
    "described": "{kind}: {words}",
    "undescribed": "{kind} without a description",
    "sensitive": "{kind} marked as sensitive",
    "in_answer_to": "in answer to a post on {place}",
    "in_answer_to_comment": "in answer to another comment",
    "under_title": "under “{title}”",
    "all_under_title": "Under “{title}”:",
    "nameless": "Somebody",
    "in_answer_to_address": "in answer to {address}",
    "poll": "Poll:",
    "see": "see it where it was posted",
    "read_on": "read on where it was posted",
    "also_on": "also on",
    "nothing_to_read": "No words, only what is attached.",
    # the end
    "ending": "That was week {week}.",
    "ending_open": "That is week {week} so far.",
    "attached": "The whole week is attached as {file}.",
    "unread_late": "Still missing: {clauses}. What is shown nowhere else may arrive late.",
    "unread_found": "Caught up: {clauses}. What still stands there was found since.",
    "unread_missing": "Seen in part: {clauses}. What was not shown is missing here.",
    "unread_place": "{place} could not be read {when}",
    "unread_stopped": "the collector was not running {when}",
    "unread_half": "{place} showed only a part {when}",
    "unread_short": "{place} no longer showed what was posted {when}",
    "when_since": "since {start}",
    "when_days": "from {start} to {end}",
    "when_hours": "on {day} from {start} to {end}",
    "when_often": "{times} between {start} and {end}",
    "missed": "Put together but not mailed: {weeks}.",
    "missed_week": "{week} ({examples})",
    "chosen": (
        "How posts are chosen: public posts with {topics}{places}. First come those that people passed on, liked and "
        "answered most, one for each person before anybody has two. Followers play no part, and copies of a post count "
        "once."
    ),
    "chosen_places": ", as seen on {places}",
    "chosen_open_places": ", and all that people wrote on {places}",
    "left_out_by_contact": "If you would rather not be in here, or want to see what is held about you, write to ",
    "left_out_by_profile": "#nobot, #noindex or #noarchive in your profile keeps your posts out.",
    "left_out_on_bluesky": " So does Bluesky’s setting that shows you only to people who are logged in.",
    "why": "You get this because your address is on the list for this digest.",
    "unsubscribe": "To unsubscribe, write “unsubscribe” to ",
    "unsubscribe_subject": "unsubscribe",
    "full_stop": ".",
    # the sign of life
    "quiet_subject": "{topics}: still listening",
    "quiet_heading": "Still listening",
    "quiet_since": "Nothing new has turned up for {topics} since {day}.",
    "quiet_ever": "Nothing has turned up for {topics} yet.",
    "quiet_running": (
        "The collector is well and keeps looking. The next digest comes when there is something to read; until then "
        "there is nothing you need to do."
    ),
    "quiet_contact": "Questions go to ",
}

COUNTED = {
    "examples": {"zero": "nothing new", "one": "one new example", "other": "{n} new examples"},
    "subject_examples": {"zero": "nothing new", "one": "1 new example", "other": "{n} new examples"},
    "plain_examples": {"zero": "none", "one": "one example", "other": "{n} examples"},
    "people": {"one": "one person", "other": "{n} people"},
    "networks": {"other": "on {n} networks"},
    "more_than_before": {"one": "one more than the week before", "other": "{n} more than the week before"},
    "fewer_than_before": {"one": "one fewer than the week before", "other": "{n} fewer than the week before"},
    "boosts": {"one": "passed on once", "two": "passed on twice", "other": "passed on {n} times"},
    "likes": {"one": "one like", "other": "{n} likes"},
    "replies": {"one": "one reply", "other": "{n} replies"},
    "quotes": {"one": "quoted once", "two": "quoted twice", "other": "quoted {n} times"},
    "taken_back": {"one": "One example was taken back.", "other": "{n} examples were taken back."},
    "left_out": {"one": "And one more that did not fit here.", "other": "And {n} more that did not fit here."},
    "left_out_but_attached": {
        "one": "And one more, which is in the attached table.",
        "other": "And {n} more, which are in the attached table.",
    },
    "more_media": {"one": "and one more attachment", "other": "and {n} more attachments"},
    "more_options": {"one": "and one more option", "other": "and {n} more options"},
    "times": {"one": "once", "two": "twice", "other": "{n} times"},
    "others": {"one": "one other", "other": "{n} others"},
}


def plural_form(number: int, forms: dict[str, str]) -> str:
    """The sentence for this many. A translation brings its own rule."""
    named = {0: "zero", 1: "one", 2: "two"}.get(number, "other")
    return forms.get(named, forms["other"])
