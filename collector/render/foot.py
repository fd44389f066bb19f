"""The foot of a letter: what could not be read, how posts are chosen, why this came, and the ways on and out."""

from __future__ import annotations

from collections.abc import Sequence

from collector.digest.phrases import name_window
from collector.digest.unread import describe_unread
from collector.model import Digest
from collector.render.letter import Foot, Link, Paragraph, Way
from collector.render.scene import Enclosure, Scene
from collector.render.weaving import weave
from collector.text.addresses import is_web_address
from collector.text.mailaddresses import mail_uri
from collector.words import Words

_WAYS = ("archive_page", "csv_page", "settings_page", "unsubscribe_page", "privacy_page")


def compose_foot(digest: Digest, scene: Scene) -> Foot:
    """The foot of a digest."""
    words, enclosure = scene.words, scene.enclosure
    paragraphs = (
        _unread(digest, scene),
        _missed(digest, scene),
        (words.say("attached", file=enclosure.attachment),) if enclosure.attachment else (),
        (_chosen(digest, scene),),
        _asking(digest, scene),
    )
    return Foot(
        paragraphs=tuple(filter(None, (*paragraphs, tell_why(words, enclosure)))),
        ways=list_ways(words, enclosure),
        imprint=enclosure.imprint or "",
    )


def tell_why(words: Words, enclosure: Enclosure) -> Paragraph:
    """Why this came and, where no page does it, how it stops."""
    if enclosure.is_page:
        return ()
    if enclosure.is_copy:
        return (words.say("why_copy"),)
    if enclosure.unsubscribe_page or not enclosure.unsubscribe:
        return (words.say("why"),)
    address = enclosure.unsubscribe.removeprefix("mailto:").partition("?")[0]
    link = Link(label=address, href=mail_uri(address, words.say("unsubscribe_subject")))
    return (words.say("why"), " ", *weave(words, "unsubscribe", address=link))


def list_ways(words: Words, enclosure: Enclosure) -> tuple[Way, ...]:
    """The pages that a letter leads to."""
    pages = {name: getattr(enclosure, name) for name in _WAYS}
    return tuple(make_way(words, f"way_{name}", page) for name, page in pages.items() if page)


def make_way(words: Words, key: str, page: str) -> Way:
    """A page under the words of this key."""
    label = words.say(key)
    return Way(label=label, told=words.say("labelled", label=label), href=page)


def contact_link(contact: str) -> Link | None:
    """Whom to write to: a mail address or a page; None where nobody is named."""
    if not contact:
        return None
    if is_web_address(contact):
        return Link(label=contact, href=contact)
    address = contact.removeprefix("mailto:").partition("?")[0]
    return Link(label=address, href=mail_uri(address))


def _unread(digest: Digest, scene: Scene) -> Paragraph:
    told = describe_unread(scene.words, digest.unread, digest.window, scene.limits.listed, scene.name)
    return (told,) if told else ()


def _missed(digest: Digest, scene: Scene) -> Paragraph:
    words = scene.words
    named = [
        words.say("missed_digest", name=name_window(words, name), examples=words.count("plain_examples", posts))
        for name, posts in digest.missed
    ]
    return (words.say("missed", digests=words.join_some(named, scene.limits.listed)),) if named else ()


def _chosen(digest: Digest, scene: Scene) -> str:
    tagged = [source for source in digest.sources if source not in digest.open_places]
    places = _places("chosen_places", tagged, scene) + _places("chosen_open_places", digest.open_places, scene)
    return scene.words.say("chosen", topics=scene.words.name_topics(digest.topics), places=places)


def _places(key: str, sources: Sequence[str], scene: Scene) -> str:
    words = scene.words
    hosts = list(dict.fromkeys(scene.name(words.name_site(source)) for source in sources))
    return words.say(key, places=words.join_some(hosts, scene.limits.listed)) if hosts else ""


def _asking(digest: Digest, scene: Scene) -> Paragraph:
    """How somebody is left out, by asking and by themselves."""
    words = scene.words
    contact = contact_link(digest.contact)
    asking: Paragraph = (*weave(words, "left_out_by_contact", contact=contact), " ") if contact else ()
    on_bluesky = (" ", words.say("left_out_on_bluesky")) if "bluesky" in digest.totals.by_network else ()
    return (*asking, words.say("left_out_by_profile"), *on_bluesky)
