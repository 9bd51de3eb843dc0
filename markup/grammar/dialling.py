"""How Dial is read (spec section 2.7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from markup import verbs
from markup.grammar.attributes import TRIM, action, recording_status_callback, text
from markup.grammar.callees import APPLICATION, CLIENT, NUMBER, SIM, SIP, WHATS_APP
from markup.grammar.elements import Attribute, Element, Fault, children
from markup.grammar.rooms import CONFERENCE, QUEUE
from markup.readers import anything, boolean, choice, matching, method, record, url, whole

NOT_ALONE, NESTED_IN_DIAL = 13000, 13215
MOST_NOUNS = 10
_ALONE = (verbs.Conference, verbs.Queue, verbs.Application)
"""What is not dialled together with anything else, the first of them first (section 1.8)."""
_COUNTRIES = (
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old tw ve za"
)


def _amend(dial: verbs.Dial, said: Collection[str]) -> tuple[verbs.Dial, tuple[Fault, ...]]:
    """Leave out what may not be dialled together, or is too much."""
    nouns = dial.nouns
    for kind in _ALONE:
        alone = next((noun for noun in nouns if isinstance(noun, kind)), None)
        if alone is not None and len(nouns) > 1:
            code = NOT_ALONE if kind is verbs.Conference else NESTED_IN_DIAL
            fault = (code, f"<{kind.__name__}> is dialled alone: what else stands in <Dial> is left out")
            return replace(dial, nouns=(alone,)), (fault,)
    if len(nouns) > MOST_NOUNS:
        fault = (NESTED_IN_DIAL, f"<Dial> rings the first {MOST_NOUNS} of {len(nouns)} targets")
        return replace(dial, nouns=nouns[:MOST_NOUNS]), (fault,)
    return dial, ()


DIAL = Element(
    verbs.Dial,
    {
        **action(13210),
        "timeout": Attribute("timeout", whole(1, 600, nearest=5), 13212),
        "timeLimit": Attribute("time_limit", whole(1, 86400), 13216),
        "callerId": Attribute("caller_id", anything, 13214),
        "hangupOnStar": Attribute("hangup_on_star", boolean, 13213),
        "answerOnBridge": Attribute("answer_on_bridge", boolean, 13219),
        "ringTone": Attribute("ring_tone", choice(*_COUNTRIES.split()), 13220),
        "sequential": Attribute("sequential", boolean, 13218),
        "record": Attribute("record", record, 13217),
        "trim": Attribute("trim", TRIM),
        "recordingTrack": Attribute("recording_track", choice("inbound", "outbound", "both")),
        **recording_status_callback(),
        "referUrl": Attribute("refer_url", url),
        "referMethod": Attribute("refer_method", method),
        "callReason": Attribute("call_reason", matching(r".{0,50}", "text of at most 50 characters")),
        **text("events", "passports"),
    },
    children=children(
        "nouns",
        Number=NUMBER,
        Client=CLIENT,
        Sip=SIP,
        Conference=CONFERENCE,
        Queue=QUEUE,
        Application=APPLICATION,
        Sim=SIM,
        WhatsApp=WHATS_APP,
    ),
    bare_text="Number",
    nesting_code=NESTED_IN_DIAL,
    amend=_amend,
)
