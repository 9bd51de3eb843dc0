"""How Redirect, Reject, Hangup, Refer, Echo and Sms are read (spec sections 2.5, 2.8, 2.9, 2.12 and 2.16)."""

from __future__ import annotations

from markup import verbs
from markup.grammar.attributes import action, text
from markup.grammar.callees import address_fault
from markup.grammar.elements import SCHEMA_WARNING, Attribute, Child, Element, Fault
from markup.readers import anything, callback, choice, method

_UNUSED = frozenset({"Parameter"})


def _refer_fault(refer: verbs.Refer) -> Fault | None:
    return None if refer.uri else (SCHEMA_WARNING, "<Refer> needs a <Sip> with a SIP URI")


REDIRECT = Element(verbs.Redirect, {"method": Attribute("method", method, 13710)}, text="url")
REJECT = Element(verbs.Reject, {"reason": Attribute("reason", choice("rejected", "busy"), 13810)}, ignored=_UNUSED)
HANGUP = Element(verbs.Hangup, ignored=_UNUSED)
REFER = Element(
    verbs.Refer,
    action(),
    children={
        "Sip": Child(Element(verbs.ReferSip, text="uri", fault=address_fault), "uri", single=True, unwrapped="uri"),
    },
    fault=_refer_fault,
)
ECHO = Element(verbs.Echo)
SMS = Element(
    verbs.Sms,
    {
        **action(),
        **text("to"),
        "from": Attribute("from_", anything),
        "statusCallback": Attribute("status_callback", callback),
    },
    text="body",
)
