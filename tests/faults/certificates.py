"""Certificates of a small authority of our own, good ones and bad ones."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime

import trustme

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Authority:
    """What a place shows, and what trusts it."""

    def __init__(self, host: str) -> None:
        known, stranger = trustme.CA(), trustme.CA()
        self.context = _showing(known.issue_cert(host))
        self.contexts = {
            "over": _showing(known.issue_cert(host, not_after=LONG_AGO)),
            "another name": _showing(known.issue_cert("elsewhere.example")),
            "a stranger's": _showing(stranger.issue_cert(host)),
            "its own making": _showing_itself(stranger),
            "old": _of_twenty_years_ago(known.issue_cert(host)),
        }
        self.trusting = ssl.create_default_context()
        known.configure_trust(self.trusting)


def _showing(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _showing_itself(authority: trustme.CA) -> ssl.SSLContext:
    """A certificate that nobody but itself vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as certificate:
        context.load_cert_chain(certificate, key)
    return context


def _of_twenty_years_ago(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = _showing(certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the fault
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
