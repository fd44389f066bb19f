"""Who wrote a post, from a profile's view, and what its labels and its description ask. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collector.model import Author, Wish
from collector.text.bluesky import handle_of, is_did, profile_url
from collector.text.cleaning import one_line, plain_text
from collector.text.values import objects_of, text_of, web_address
from collector.text.wishes import wishes_in

# Addresses as people write them: whole, or a host with something behind it.
_WRITTEN = re.compile(
    r"(?<![\w@./:-])(?:https?://[^\s<>\"]+|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}/[^\s<>\"]+)", re.IGNORECASE
)
_TRAILING = ".,;:!?'’”»)]}"


def read_author(view: Any) -> Author:
    """The author in a profile's view; ValueError without a DID."""
    if not isinstance(view, dict):
        raise ValueError("no author")  # noqa: TRY004 (one kind of error, whatever is unreadable)
    did = text_of(view.get("did"))
    if not is_did(did):
        raise ValueError("author: no DID")
    handle = handle_of(view.get("handle")) or did
    description = plain_text(text_of(view.get("description")))
    labels = set(label_values(view.get("labels"), by=did))
    return Author(
        key=did,
        handle=handle,
        name=one_line(text_of(view.get("displayName"))),
        url=profile_url(handle),
        is_bot="bot" in labels,
        wishes=_wishes(view, description, labels),
        links=_links(text_of(view.get("website")), description),
    )


def label_values(labels: Any, *, by: str | None = None) -> Iterator[str]:
    """The labels that stand, of one account or of anybody; some are put up only to take an earlier one away."""
    for label in objects_of(labels):
        if label.get("neg") is not True and (by is None or label.get("src", by) == by):
            yield text_of(label.get("val"))


def account_labels(view: Mapping[str, Any]) -> Iterator[str]:
    """The labels of all that an account posts, apart from those of its profile page alone."""
    whole = [label for label in objects_of(view.get("labels")) if label.get("uri") == view.get("did")]
    return label_values(whole)


def _wishes(view: Mapping[str, Any], description: str, labels: set[str]) -> frozenset[Wish]:
    asked = {Wish.NO_UNAUTHENTICATED} if Wish.NO_UNAUTHENTICATED.value in labels else set()
    return wishes_in([description, text_of(view.get("displayName"))]) | asked


def _links(website: str, description: str) -> tuple[str, ...]:
    written = [website, *(match[0].rstrip(_TRAILING) for match in _WRITTEN.finditer(description))]
    whole = (text if "://" in text else f"https://{text}" for text in written if text)
    return tuple(dict.fromkeys(address for text in whole if (address := web_address(text))))
