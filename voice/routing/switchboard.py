"""What an operator's call leads to: a number of ours is answered by its application, anybody else is rung."""

from __future__ import annotations

from markup.document import Document
from markup.verbs import Client, Conference, Dial, Number, Queue, Sip
from voice.errors import TargetRefused
from voice.routing.address import normalise_number
from voice.routing.directory import Application, Directory

BAD_TARGET = 13223
LONGEST = 256


def connect(directory: Directory, to: str, account_sid: str) -> Application:
    """The application for ``+15550100``, ``sip:bob@host``, ``client:alice``, ``conference:name`` or ``queue:name``.

    Raises TargetRefused.
    """
    scheme, colon, name = to.strip().partition(":")
    number = normalise_number(to.strip())
    if number is not None:
        own = directory.number(number, account_sid)
        return own if own is not None else _ring(to, account_sid, Number(number=number))
    if not colon or not name or len(to) > LONGEST:
        raise TargetRefused(BAD_TARGET, f"{to[:80]!r} is neither a number nor an address")
    match scheme:
        case "sip" | "sips":
            return _ring(to, account_sid, Sip(uri=to.strip()))
        case "client":
            return _ring(to, account_sid, Client(identity=name))
        case "conference":
            return _ring(to, account_sid, Conference(name=name))
        case "queue":
            return _ring(to, account_sid, Queue(name=name))
    raise TargetRefused(BAD_TARGET, f"nobody can be called as {scheme[:20]!r}")


def _ring(to: str, account_sid: str, noun: Number | Sip | Client | Conference | Queue) -> Application:
    document = Document((Dial(nouns=(noun,), answer_on_bridge=not isinstance(noun, Conference)),))
    return Application("", account_sid, to, "", "POST", "", "POST", "", "POST", document)
