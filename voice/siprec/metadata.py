"""What a recording server is told about a call: the metadata of RFC 7865, as XML."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, tostring

from markup.events import Parameters

NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
PARAMETERS = "urn:x-strowger:parameters:1"
"""Of the author's own parameters, an extension of the session (RFC 7865 section 6.1)."""


@dataclass(frozen=True, slots=True)
class Person:
    """One end of a call."""

    address: str
    """Address of record: a URI."""
    id: UUID


@dataclass(frozen=True, slots=True)
class CopiedStream:
    """One direction of a call, as the recording server gets it."""

    label: str
    """Of its media line (RFC 4574)."""
    id: UUID
    sender: Person
    receiver: Person


@dataclass(frozen=True, slots=True)
class Metadata:
    """One recording session. ``began`` has a zone."""

    session: UUID
    call_id: str
    """Call-ID of the call that is recorded."""
    began: datetime
    people: tuple[Person, ...]
    streams: tuple[CopiedStream, ...]
    parameters: Parameters = ()

    def write(self) -> str:
        """The whole document; a partial update is never sent."""
        root = Element("recording", xmlns=NAMESPACE)
        SubElement(root, "datamode").text = "complete"
        moment, session = self.began.isoformat(timespec="seconds"), _id(self.session)
        self._write_session(SubElement(root, "session", session_id=session), moment)
        for person in self.people:
            participant = SubElement(root, "participant", participant_id=_id(person.id))
            SubElement(participant, "nameID", aor=_clean(person.address))
        for stream in self.streams:
            element = SubElement(root, "stream", stream_id=_id(stream.id), session_id=session)
            SubElement(element, "label").text = stream.label
        association = SubElement(root, "sessionrecordingassoc", session_id=session)
        SubElement(association, "associate-time").text = moment
        for person in self.people:
            association = SubElement(root, "participantsessionassoc", participant_id=_id(person.id), session_id=session)
            SubElement(association, "associate-time").text = moment
        for person in self.people:
            self._write_association(root, person)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")

    def _write_session(self, session: Element, moment: str) -> None:
        if self.call_id:
            SubElement(session, "sipSessionID").text = _clean(self.call_id)
        SubElement(session, "start-time").text = moment
        if self.parameters:
            parameters = SubElement(session, "parameters", xmlns=PARAMETERS)
            for name, value in self.parameters:
                SubElement(parameters, "parameter", name=_clean(name)).text = _clean(value)

    def _write_association(self, root: Element, person: Person) -> None:
        sent = [stream for stream in self.streams if stream.sender is person]
        received = [stream for stream in self.streams if stream.receiver is person]
        association = SubElement(root, "participantstreamassoc", participant_id=_id(person.id))
        for direction, streams in (("send", sent), ("recv", received)):
            for stream in streams:
                SubElement(association, direction).text = _id(stream.id)


def address_of(party: str) -> str:
    """The URI of a party as webhooks name it: ``sip:``, ``client:``, or a telephone number."""
    return party if ":" in party else f"tel:{party}"


def _id(value: UUID) -> str:
    """RFC 7865 section 6.10: a UUID in base64."""
    return b64encode(value.bytes).decode()


def _clean(text: str) -> str:
    """Text that may stand in XML."""
    return "".join(character for character in text if character.isprintable())
