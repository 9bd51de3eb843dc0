"""How those that Dial rings are read (spec sections 2.7.1 to 2.7.3, 2.7.6 and 2.7.7)."""

from __future__ import annotations

import re

from markup import verbs
from markup.grammar.attributes import PARAMETER, flags, status_callback, text
from markup.grammar.elements import SCHEMA_WARNING, Attribute, Child, Element, Fault
from markup.readers import anything, callback, choice, keys, matching, method, url, whole

BAD_NUMBER, BAD_ADDRESS, BAD_DETECTION = 13223, 13243, 21263
TOO_MANY_ADDRESSES, TOO_MANY_HEADERS, BAD_HEADER_NAME, HEADERS_TOO_LONG = 13250, 13251, 13252, 13253
LONGEST_NUMBER, LONGEST_ADDRESS, LONGEST_HEADERS, LONGEST_IDENTITY, LONGEST_CUSTOMER = 64, 255, 1024, 256, 256
MOST_ADDRESSES, MOST_HEADERS = 10, 30
"""Twilio does not say how many are too many."""

_IDENTITY = re.compile(r"[^\s\x00-\x1f\x7f]{1,256}")
_HEADER_NAME = re.compile(
    r"x-[a-z0-9!%*_+`'~.-]+|user-to-user|remote-party-id|p-preferred-identity|p-called-party-id", re.IGNORECASE
)


def _number_fault(noun: verbs.Number | verbs.WhatsApp) -> Fault | None:
    if 0 < len(noun.number) <= LONGEST_NUMBER:
        return None
    return (BAD_NUMBER, f"<{type(noun).__name__}> needs a telephone number of at most {LONGEST_NUMBER} characters")


def address_fault(noun: verbs.Sip | verbs.Uri | verbs.ReferSip, name: str = "Sip") -> Fault | None:
    """What is wrong with the length of a SIP address and its headers."""
    address, _, headers = noun.uri.partition("?")
    if not 0 < len(address) <= LONGEST_ADDRESS:
        return (BAD_ADDRESS, f"<{name}> needs a SIP URI of at most {LONGEST_ADDRESS} characters")
    if len(headers) > LONGEST_HEADERS:
        return (HEADERS_TOO_LONG, f"the headers of <{name}> are longer than {LONGEST_HEADERS} characters")
    return None


def _sip_fault(noun: verbs.Sip) -> Fault | None:
    if sum(len(header.name) + len(header.value) + 2 for header in noun.headers) > LONGEST_HEADERS:
        return (HEADERS_TOO_LONG, f"the headers of <Sip> are longer than {LONGEST_HEADERS} characters")
    return None if noun.uris and not noun.uri else address_fault(noun)


def _header_fault(header: verbs.Header) -> Fault | None:
    if not _HEADER_NAME.fullmatch(header.name) or any(ord(character) < 32 for character in header.value):
        return (BAD_HEADER_NAME, f"header {header.name[:80]!r} may not be set by <Sip>")
    return None


def _client_fault(client: verbs.Client) -> Fault | None:
    if _IDENTITY.fullmatch(client.identity):
        return None
    return (SCHEMA_WARNING, f"<Client> needs an identity of at most {LONGEST_IDENTITY} characters without spaces")


def _application_fault(application: verbs.Application) -> Fault | None:
    if re.fullmatch("AP[0-9a-fA-F]{32}", application.application_sid):
        return None
    return (SCHEMA_WARNING, "<Application> needs the SID of an application: AP and 32 hexadecimal digits")


_CALLEE = {
    "url": Attribute("url", url),
    "method": Attribute("method", method),
    **status_callback("initiated", "ringing", "answered", "completed"),
}


def _telephone(method_code: int, digits_code: int) -> dict[str, Attribute]:
    return {
        **_CALLEE,
        "method": Attribute("method", method, method_code),
        "sendDigits": Attribute("send_digits", keys, digits_code),
        "machineDetection": Attribute("machine_detection", choice("Enable", "DetectMessageEnd"), BAD_DETECTION),
        "machineDetectionTimeout": Attribute("machine_detection_timeout", whole(3, 60), BAD_DETECTION),
        "machineDetectionSpeechThreshold": Attribute("machine_detection_speech_threshold", whole(1000, 6000), BAD_DETECTION),
        "machineDetectionSpeechEndThreshold": Attribute(
            "machine_detection_speech_end_threshold", whole(500, 5000), BAD_DETECTION
        ),
        "machineDetectionSilenceTimeout": Attribute("machine_detection_silence_timeout", whole(2000, 10000), BAD_DETECTION),
        "amdStatusCallback": Attribute("amd_status_callback", callback),
        "amdStatusCallbackMethod": Attribute("amd_status_callback_method", method),
    }


_CREDENTIALS = {
    "username": Attribute("username", anything, 13249),
    "password": Attribute("password", anything, 13249),
}
_PARAMETERS = {"Parameter": Child(PARAMETER, "parameters")}
_URI = Element(
    verbs.Uri,
    {"priority": Attribute("priority", whole(0)), "weight": Attribute("weight", whole(0)), **_CREDENTIALS},
    text="uri",
    fault=lambda uri: address_fault(uri, "Uri"),
)
_HEADER = Element(verbs.Header, text("name", "value"), fault=_header_fault)
_HEADERS = Element(verbs.Headers, children={"Header": Child(_HEADER, "headers", most=MOST_HEADERS, most_code=TOO_MANY_HEADERS)})

NUMBER = Element(verbs.Number, {**_telephone(13221, 13222), **text("byoc", "phoneNumberSid")}, text="number", fault=_number_fault)
SIP = Element(
    verbs.Sip,
    {**_telephone(13241, 13242), **_CREDENTIALS},
    text="uri",
    children={
        "Uri": Child(_URI, "uris", most=MOST_ADDRESSES, most_code=TOO_MANY_ADDRESSES),
        "Headers": Child(_HEADERS, "headers", single=True, unwrapped="headers"),
    },
    fault=_sip_fault,
)
CLIENT = Element(
    verbs.Client,
    {**_CALLEE, "clientNotificationUrl": Attribute("client_notification_url", callback)},
    text="identity",
    children={
        "Identity": Child(Element(verbs.Identity, text="identity"), "identity", single=True, unwrapped="identity"),
        **_PARAMETERS,
    },
    fault=_client_fault,
)
APPLICATION = Element(
    verbs.Application,
    {
        **_CALLEE,
        "customerId": Attribute("customer_id", matching(f".{{0,{LONGEST_CUSTOMER}}}", "text of at most 256 characters")),
        **flags("copyParentTo"),
    },
    text="application_sid",
    children={
        "ApplicationSid": Child(Element(verbs.ApplicationSid, text="sid"), "application_sid", single=True, unwrapped="sid"),
        **_PARAMETERS,
    },
    fault=_application_fault,
)
SIM = Element(verbs.Sim, text="sim_sid")
WHATS_APP = Element(verbs.WhatsApp, _CALLEE, text="number", fault=_number_fault)
