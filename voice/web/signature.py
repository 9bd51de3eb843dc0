"""``X-Twilio-Signature`` (spec section 3.9)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(auth_token: str, url: str, pairs: Iterable[tuple[str, str]] = ()) -> str:
    """The signature of a request to ``url`` with these form parameters; a GET has none, its query is in the URL."""
    text = signed_text(url, pairs)
    return base64.b64encode(hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def signed_text(url: str, pairs: Iterable[tuple[str, str]] = ()) -> str:
    """What is signed: the URL and the parameters."""
    return url + "".join(signed_parameters(pairs))


def signed_parameters(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The parameters as they are signed, each name with its value.

    Names are sorted; the distinct values of a repeated name are sorted, each after its name.
    """
    return [name + value for name, value in sorted(set(pairs))]


def with_body_hash(url: str, body: bytes) -> str:
    """A URL whose signature covers a body that is no form: its hash is added to the query, the fragment stays last."""
    address, hash_sign, fragment = url.partition("#")
    separator = "&" if "?" in address else "?"
    return f"{address}{separator}bodySHA256={hashlib.sha256(body).hexdigest()}{hash_sign}{fragment}"
