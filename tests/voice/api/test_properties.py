"""Every resource has exactly the properties that the official SDK reads, each of the type that it reads."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

from tests.voice.exchange import Customer, World, virtual
from voice.api.catalogue import make_resources
from voice.api.operation import operations_of
from voice.api.shapes import Schema, Shape

ACCOUNT = "twilio.rest.api.v2010.account"
SIP = f"{ACCOUNT}.sip"
AUTH = f"{SIP}.domain.auth_types"
INSTANCES = {
    "Account": f"{ACCOUNT}:AccountInstance",
    "Application": f"{ACCOUNT}.application",
    "AvailablePhoneNumber": f"{ACCOUNT}.available_phone_number_country.local:LocalInstance",
    "Balance": f"{ACCOUNT}.balance",
    "Call": f"{ACCOUNT}.call",
    "Conference": f"{ACCOUNT}.conference",
    "Country": f"{ACCOUNT}.available_phone_number_country:AvailablePhoneNumberCountryInstance",
    "IncomingPhoneNumber": f"{ACCOUNT}.incoming_phone_number",
    "Key": f"{ACCOUNT}.key",
    "NewKey": f"{ACCOUNT}.new_key",
    "NewSigningKey": f"{ACCOUNT}.new_signing_key",
    "OutgoingCallerId": f"{ACCOUNT}.outgoing_caller_id",
    "CallNotification": f"{ACCOUNT}.call.notification:NotificationInstance",
    "CallNotificationDetails": f"{ACCOUNT}.call.notification:NotificationInstance",
    "Event": f"{ACCOUNT}.call.event",
    "Notification": f"{ACCOUNT}.notification",
    "NotificationDetails": f"{ACCOUNT}.notification:NotificationInstance",
    "Participant": f"{ACCOUNT}.conference.participant",
    "Payment": f"{ACCOUNT}.call.payment",
    "Queue": f"{ACCOUNT}.queue",
    "QueueMember": f"{ACCOUNT}.queue.member:MemberInstance",
    "CallRecording": f"{ACCOUNT}.call.recording:RecordingInstance",
    "ConferenceRecording": f"{ACCOUNT}.conference.recording:RecordingInstance",
    "Recording": f"{ACCOUNT}.recording",
    "RecordingTranscription": f"{ACCOUNT}.recording.transcription:TranscriptionInstance",
    "Transcription": f"{ACCOUNT}.transcription",
    "RealtimeTranscription": f"{ACCOUNT}.call.transcription:TranscriptionInstance",
    "Siprec": f"{ACCOUNT}.call.siprec",
    "Stream": f"{ACCOUNT}.call.stream",
    "SigningKey": f"{ACCOUNT}.signing_key",
    "Token": f"{ACCOUNT}.token",
    "UsageRecord": f"{ACCOUNT}.usage.record:RecordInstance",
    "UserDefinedMessage": f"{ACCOUNT}.call.user_defined_message",
    "UserDefinedMessageSubscription": f"{ACCOUNT}.call.user_defined_message_subscription",
    "ValidationRequest": f"{ACCOUNT}.validation_request",
    "Domain": f"{SIP}.domain",
    "CredentialList": f"{SIP}.credential_list",
    "Credential": f"{SIP}.credential_list.credential",
    "IpAccessControlList": f"{SIP}.ip_access_control_list",
    "IpAddress": f"{SIP}.ip_access_control_list.ip_address",
    "CredentialListMapping": f"{SIP}.domain.credential_list_mapping",
    "IpAccessControlListMapping": f"{SIP}.domain.ip_access_control_list_mapping",
    "AuthCallsCredentialListMapping": f"{AUTH}.auth_type_calls.auth_calls_credential_list_mapping",
    "AuthCallsIpAccessControlListMapping": f"{AUTH}.auth_type_calls.auth_calls_ip_access_control_list_mapping",
    "AuthRegistrationsCredentialListMapping": f"{AUTH}.auth_type_registrations.auth_registrations_credential_list_mapping",
}
"""The module of the SDK that reads each shape; its class is called like the shape, unless a colon says how."""
ALSO = {"Call.annotation", "IncomingPhoneNumber.subresource_uris"}
"""Properties that the platform gives and this version of the SDK does not read."""
OTHERWISE = {"AvailablePhoneNumber.capabilities", "IncomingPhoneNumber.capabilities"}
"""Properties that the SDK says are strings and passes on as the objects that they are."""
ONLY_ALONE = {
    f"{shape}.{name}"
    for shape in ("Notification", "CallNotification")
    for name in ("request_variables", "response_body", "response_headers")
}
"""Properties that are not in lists (spec section 4.14)."""
OURS = {"Quality", "SelfCall", "TranscriptionSentences"}
"""Shapes of resources that the platform does not have."""
READS = re.compile(r'self\.\w+: Optional\[([^=]+)\] = (?:deserialize\.(\w+)\(\s*)?payload\.get\(\s*"(\w+)"', re.DOTALL)
KINDS = {"str": "string", "bool": "boolean", "int": "integer", "object": "object"}


def published(name: str) -> dict[str, str]:
    """The properties that the SDK reads of a shape, and what it takes them for."""
    module, _, instance = INSTANCES[name].partition(":")
    code = inspect.getsource(getattr(importlib.import_module(module), instance or f"{name}Instance").__init__)
    return {found: deserialised or _kind(annotation) for annotation, deserialised, found in READS.findall(code)}


def _kind(annotation: str) -> str:
    plain = annotation.strip().strip('"')
    if plain.startswith(("Dict", "dict")):
        return "object"
    if plain.startswith(("List", "list")):
        return "array"
    return KINDS.get(plain, "string")  # what else there is are enumerations of words


def fits(schema: Schema, kind: str) -> bool:
    """Whether a value of ours is what the SDK can read as that."""
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    match kind:
        case "rfc2822_datetime":
            return "example" in schema
        case "iso8601_date":
            return schema.get("format") == "date"
        case "integer":
            return "integer" in types or "pattern" in schema
        case "decimal":
            return "string" in types
        case _:
            return kind in types


@virtual
async def test_the_properties_are_those_that_are_published(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        resources = make_resources(world.resources, world.switch, world.provisioning)
        given = [each.gives for resource in resources for each in operations_of(resource) if each.gives is not None]
    differences: dict[str, Any] = {}
    for shape in {shape.name: shape for shape in given if shape.name not in OURS}.values():
        differences |= _compare(shape)
    expected = ALSO | OTHERWISE | ONLY_ALONE
    assert {name: what for name, what in differences.items() if name not in expected} == {}


def _compare(shape: Shape) -> dict[str, Any]:
    ours, theirs = shape.describe()["properties"], published(shape.name)
    found: dict[str, Any] = {f"{shape.name}.{name}": "not published" for name in ours.keys() - theirs.keys()}
    found |= {f"{shape.name}.{name}": "missing" for name in theirs.keys() - ours.keys()}
    for name in ours.keys() & theirs.keys():
        if not fits(ours[name], theirs[name]):
            found[f"{shape.name}.{name}"] = (ours[name], theirs[name])
    return found
