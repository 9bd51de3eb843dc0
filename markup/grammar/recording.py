"""How Record, and Recording of Start, are read (spec sections 2.6 and 2.14)."""

from __future__ import annotations

from collections.abc import Collection

from markup import verbs
from markup.grammar.attributes import TRIM, action, recording_status_callback, text
from markup.grammar.elements import Attribute, Element, Fault
from markup.readers import boolean, callback, choice, matching, whole

CANNOT_TRANSCRIBE, TRANSCRIBED_SECONDS = 13615, 120


def _amend(record: verbs.Record, said: Collection[str]) -> tuple[verbs.Record, tuple[Fault, ...]]:
    """Tell that a long recording will not be transcribed (13615)."""
    if record.transcribe and (record.max_length or 0) > TRANSCRIBED_SECONDS:
        return record, ((CANNOT_TRANSCRIBE, f"a recording longer than {TRANSCRIBED_SECONDS} seconds is not transcribed"),)
    return record, ()


RECORD = Element(
    verbs.Record,
    {
        **action(13610),
        "timeout": Attribute("timeout", whole(0), 13611),
        "finishOnKey": Attribute("finish_on_key", matching(r"[0-9#*]*", "keys 0-9 # * or nothing"), 13613),
        "maxLength": Attribute("max_length", whole(2, 86400), 13612),
        "playBeep": Attribute("play_beep", boolean, 13616),
        "trim": Attribute("trim", TRIM, 13699),
        **recording_status_callback(13621),
        "transcribe": Attribute("transcribe", boolean, 13614),
        "transcribeCallback": Attribute("transcribe_callback", callback, 13257),
    },
    amend=_amend,
)
RECORDING = Element(
    verbs.Recording,
    {
        **text("name"),
        **recording_status_callback(),
        "trim": Attribute("trim", TRIM),
        "track": Attribute("track", choice("inbound", "outbound", "both")),
        "channels": Attribute("channels", choice("mono", "dual")),
    },
)
