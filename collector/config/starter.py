"""The configuration that a newcomer begins with: short, commented, and ready to run."""

from __future__ import annotations

import json
from dataclasses import dataclass

from collector.config.addresses import is_private_host

NOBODY = "me@localhost"  # makes digests appear in the outbox, and reaches nobody should a mail server be set later


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What a newcomer was asked; all checked already."""

    hashtag: str
    server: str  # its canonical address
    blog: str  # a blog post whose comments count, or a blog; empty: none
    mail: str  # where the digest goes; empty: nowhere but the outbox
    contact: str  # may be empty
    keep: str  # how long posts are kept: a duration, or "forever"
    timezone: str


def starter_file(answers: Answers) -> str:
    """The text of a `collector.toml` that says what was answered."""
    contact = f"contact = {_quoted(answers.contact)}" if answers.contact else '#contact = "mailto:you@example.org"'
    sender = "".join(char for char in answers.hashtag if char.isprintable())  # a From holds no joiners
    private = "allow_private_network = true  # it is on this computer or in a private network\n"
    return _TEMPLATE.format(
        hashtag=_quoted(answers.hashtag),
        timezone=_quoted(answers.timezone),
        contact=contact,
        server=_quoted(answers.server),
        private=private if is_private_host(answers.server) else "",
        blog=_blog(answers.blog),
        keep=_quoted(answers.keep),
        reader=_quoted(answers.mail or NOBODY),
        reader_note="" if answers.mail else f"  # put your own address in place of {NOBODY}",
        warned=_warned(answers),
        sender=_quoted(f"#{sender} <{answers.mail or NOBODY}>"),
    )


def _warned(answers: Answers) -> str:
    """Whoever can be reached about the collector looks after it, or else the one who gets the digest."""
    scheme, _, address = answers.contact.partition(":")
    to = address if scheme == "mailto" else answers.mail
    return f"to = [{_quoted(to)}]" if to else '#to = ["you@example.org"]'


def _blog(url: str) -> str:
    """The part about a blog: switched off where there is none, so that it can be found."""
    lines = [
        "[[source]]",
        'kind = "wordpress"',
        f"url = {_quoted(url or 'https://blog.example.org/2013/11/26/a-post/')}",
        'collect = "comments"  # every comment there; "hashtag": only what carries it',
    ]
    if url and is_private_host(url):
        lines.append("allow_private_network = true  # it is on this computer or in a private network")
    return "\n".join(lines if url else [f"#{line}" for line in lines])


def _quoted(text: str) -> str:
    """TOML's basic strings are JSON's, for the printable text that answers are."""
    return json.dumps(text, ensure_ascii=False)


_TEMPLATE = """\
# The collector's configuration. "collector check" says whether it works, and what to change where it does not.
# A line that begins with "#" and no space is a setting that is switched off: take the "#" away to switch it on.
# Files and folders are looked for beside this file.

[collector]
hashtags = [{hashtag}]  # without "#"; more than one is fine: ["one", "two"]
timezone = {timezone}  # where days and weeks begin at midnight, and which times are shown
# How people who run a server can reach you; sent along with every request, as servers ask.
{contact}

# Other spellings that count as the same hashtag.
#[collector.aliases]
#{hashtag} = ["anotherspelling"]

[database]
url = "sqlite:///collector.db"
keep_posts_for = {keep}  # counted from when they were found; "forever", or a duration such as "365d"
#keep_raw_for = "365d"  # what servers answered, so that a later version can read it better
#keep_revisions_for = "180d"  # the earlier texts of edited posts; only exports that ask for them have them

[polling]
interval = "10m"  # how often servers are asked for new posts

# Every server knows only the posts that reached it, so several see more than one: repeat this part for each.
[[source]]
kind = "mastodon"  # Mastodon, GoToSocial, Takahē and others that speak its language
url = {server}
{private}# If the server shows hashtags only to people with an account: a file that holds an access token.
#token_file = "mastodon-token"

# The comments under a blog post, or of a whole blog (WordPress). Without a name a source is called by its host.
{blog}

# Bluesky and feeds are places to collect from, too: see the README.

[[digest]]
series = "weekly"
cadence = "weekly"  # or "daily", or "monthly": then change or take out the time and the subject below, too
send_on = "monday 08:00"
subject = "#{{hashtag}}, week {{week}}: {{examples}}"
to = [{reader}]{reader_note}

# Pages on which people read the digests, search the posts and subscribe by themselves; "collector run" serves them.
[web]
#listen = "127.0.0.1:8080"
#base_url = "https://digest.example.org"  # where readers reach them: mails link there, so that they can leave again

# Who gets a mail when something needs a person, such as a server that wants a token, and another when it is over.
[warnings]
{warned}

[mail]
from = {sender}
# As long as no mail server is set here, nothing is sent: mails are written as files into the outbox folder.
outbox = "outbox"
#host = "smtp.example.org"
#port = 587
#security = "starttls"  # or "tls", or "none"
#username = "you@example.org"
#password_file = "smtp-password"  # a file that holds the password

# Where "collector run" says to programs whether it is well (/healthz), and in numbers (/metrics, for Prometheus).
[health]
#listen = "127.0.0.1:9464"

# All that can be set is in the README and in config/collector.toml: more digests, a curator, words in another language.
"""
