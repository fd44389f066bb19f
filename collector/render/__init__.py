"""Digests drawn: as text and HTML for a mail, as JSON for programs.

Digest → composing → Letter → plain, page    the words are decided once, within limits that fit a mail
Digest → as_json

scene      what is handed from part to part: words, limits, and what goes out with the letter (its Enclosure)
posts      a post as a card, or in one line
weaving    links and names inside the catalogue's sentences
templating templates, as pages have them, too
foot       what stands below, with the ways on and out
fitting    both bodies, shortened until they fit
"""

from collector.render.as_json import draw_json as render_json
from collector.render.composing import preheader
from collector.render.fitting import Bodies, render_bodies, render_html, render_text
from collector.render.posts import make_card
from collector.render.proof import CHOICES, Asked, list_parts, render_preview, render_reminder, set_scene
from collector.render.scene import Enclosure
from collector.render.sign_of_life import Silence, render_sign_of_life

__all__ = [
    "CHOICES",
    "Asked",
    "Bodies",
    "Enclosure",
    "Silence",
    "list_parts",
    "make_card",
    "preheader",
    "render_bodies",
    "render_html",
    "render_json",
    "render_preview",
    "render_reminder",
    "render_sign_of_life",
    "render_text",
    "set_scene",
]
