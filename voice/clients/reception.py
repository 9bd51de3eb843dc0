"""What pages say and are answered: one visitor per connection. Nothing here waits, and nothing knows of sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl

from voice.calls.arrival import Arrival
from voice.calls.call import Party
from voice.clients.callee import CalleeLeg
from voice.clients.calls import MOST_CALLS, ClientCalls
from voice.clients.devices import Device, Devices
from voice.clients.failures import (
    AUTHORISATION,
    BAD_REQUEST,
    MALFORMED,
    NO_SUCH_CALL,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOO_FAST,
    fault,
    fault_of,
)
from voice.clients.invitation import CLIENT
from voice.clients.leg import ClientLeg
from voice.clients.messages import (
    NAMES,
    Answer,
    Called,
    Digits,
    HangUp,
    Invite,
    Listen,
    Message,
    MessageInvalid,
    Register,
    Reinvite,
    Reject,
    UserMessage,
    read,
    write,
)
from voice.clients.tokens import MOST_PARAMETERS, Grant, TokenRefused, Tokens
from voice.errors import TargetRefused
from voice.identifiers import new_sid
from voice.routing.directory import Application, Directory
from voice.routing.strangers import Strangers
from voice.routing.switchboard import connect
from voice.web.parameters import STANDARD_NAMES

MOST_INVALID = 20
"""Frames that no SDK sends, of one connection."""
TO = "To"
REGION = "us1"
"""As Twilio names its usual one; the SDK only repeats it."""


class Post(Protocol):
    """Takes what pages tell applications; see ``voice.clients.letters.Letters``."""

    def receive(self, call_sid: str, message: UserMessage) -> dict[str, Any] | None:
        """Pass a message on; the fault when it cannot be."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What all pages share."""

    tokens: Tokens
    devices: Devices
    calls: ClientCalls
    directory: Directory
    letters: Post
    strangers: Strangers
    home: str | None = None
    """Where pages are told to report to; see ``voice.clients.insights``."""


class Visitor:
    """One connection of a page. ``edge`` is what its SDK is told about where it is connected to, ``source`` its ``address:port``.

    ``send`` hands over a frame and never waits; ``leave`` closes the connection once all is sent.
    """

    def __init__(
        self, reception: Reception, send: Callable[[str], None], leave: Callable[[], None], edge: str = "local", source: str = ""
    ) -> None:
        self._reception = reception
        self._send, self._leave = send, leave
        self._edge, self._source = edge, source
        self._invalid = 0
        self.device: Device | None = None
        """Once it has shown a token."""

    def receive(self, frame: str) -> None:
        """Take a frame of the page."""
        try:
            message = read(frame)
        except MessageInvalid as error:
            self._refuse(str(error))
            return
        if message is None:
            return
        if isinstance(message, Listen):
            self._listen(message)
        elif self.device is None:
            self._dismiss(AUTHORISATION, "the first message must be listen")
        else:
            self._take(self.device, message, frame)

    def _take(self, device: Device, message: Message, frame: str) -> None:
        """Do what it asks for, and have it written down with the call that it is about: before that ends, after it begins."""
        calls = self._reception.calls
        match message:
            case Register():
                self._register(device, message)
            case Invite():
                self._invite(device, message)
                _note(calls.find(device, message.call), message, frame)
            case Called():
                leg = calls.find(device, message.call)
                _note(leg, message, frame)
                self._obey(leg, message)

    def _obey(self, leg: ClientLeg | None, message: Called) -> None:
        """Do what it asks for with a call, if it has one of that name."""
        match message:
            case UserMessage():
                self._pass_on(leg, message)
            case Answer() if isinstance(leg, CalleeLeg):
                leg.accept(message.description)
            case Reject() if isinstance(leg, CalleeLeg):
                leg.reject()
            case HangUp() if leg is not None:
                leg.leave()
            case Digits() if leg is not None:
                leg.press(message.digits)
            case Reinvite() if leg is not None:
                leg.renew(message.description)

    def lost(self) -> None:
        """The connection is gone."""
        if self.device is not None:
            self.device.connected = False
            self._reception.devices.remove(self.device)
            self._reception.calls.lose(self.device)

    def _refuse(self, why: str) -> None:
        self._invalid += 1
        if self.device is None or self._invalid > MOST_INVALID:
            self._dismiss(MALFORMED, why)
        else:
            self._send(write("error", error=fault(MALFORMED, why)))

    def _dismiss(self, code: int, why: str) -> None:
        """The SDK tries for ever to come back with the same token, unless it is told to close."""
        self._send(write("error", error=fault(code, why)))
        self._send(write("close"))
        self._leave()

    def _listen(self, message: Listen) -> None:
        tokens, device = self._reception.tokens, self.device
        try:
            grant = tokens.read(message.token)
        except TokenRefused as refusal:
            if refusal.code == AUTHORISATION:
                self._reception.strangers.fails(self._source)
            if device is None:
                self._dismiss(refusal.code, str(refusal))
            else:
                self._send(write("error", error=fault(refusal.code, str(refusal))))
            return
        if device is None:
            device = self.device = Device(grant, self._send, self._leave)
        elif (grant.account_sid, grant.identity) != device.identity:
            self._send(write("error", error=fault(TOKEN_INVALID, "the token is for somebody else")))
            return
        self._reception.strangers.proves(self._source)
        device.grant, device.reconnect_seconds = grant, message.reconnect_seconds
        told = {"identity": grant.identity, "ttl": tokens.remaining(grant)}
        self._send(write("connected", token=told, region=REGION, edge=self._edge, home=self._reception.home))

    def _register(self, device: Device, message: Register) -> None:
        devices, grant = self._reception.devices, device.grant
        code, why = 0, ""
        if self._reception.tokens.expired(grant):
            code, why = TOKEN_EXPIRED, "the token has expired"
        elif message.audio and not grant.callable and grant.dials_when_ready:
            self._send(write("ready"))
            return
        elif message.audio and not grant.callable:
            code, why = AUTHORISATION, "the token does not allow incoming calls"
        if message.audio and not code:
            devices.add(device)
            self._send(write("ready"))
            return
        devices.remove(device)
        if code:
            self._send(write("error", error=fault(code, why)))
        self._send(write("offline"))

    def _invite(self, device: Device, message: Invite) -> None:
        if message.reconnect:
            leg = self._reception.calls.held(device, message.reconnect)
            if leg is None:
                self._deny(message, fault(NO_SUCH_CALL, "there is no such call"))
            else:
                leg.rejoin(device, message.description)
            return
        denied = self._objection(device)
        if denied is None:
            denied = self._call(device, message)
        if denied is not None:
            self._deny(message, denied)

    def _objection(self, device: Device) -> dict[str, Any] | None:
        """Why a page may not call."""
        if self._reception.tokens.expired(device.grant):
            return fault(TOKEN_EXPIRED, "the token has expired")
        if not device.grant.application_sid and not device.grant.operator:
            return fault(AUTHORISATION, "the token does not allow outgoing calls")
        if len(self._reception.calls.of(device)) >= MOST_CALLS:
            return fault(TOO_FAST, f"a page may have {MOST_CALLS} calls at once")
        return None

    def _call(self, device: Device, message: Invite) -> dict[str, Any] | None:
        """Take a call of a page on; the fault when that cannot be."""
        grant, calls = device.grant, self._reception.calls
        given = parse_qsl(message.parameters, keep_blank_values=True)
        if len(given) > MOST_PARAMETERS:
            return fault(BAD_REQUEST, f"a call has at most {MOST_PARAMETERS} parameters")
        pairs = {**dict(given), **dict(grant.parameters)}
        sid, caller, to = new_sid("CA"), CLIENT + grant.identity, pairs.pop(TO, "")
        try:
            application = self._application(grant, to)
        except TargetRefused as refusal:
            return fault_of(404, str(refusal))
        party = Party(caller, to, (("ApplicationSid", grant.application_sid),) if grant.application_sid else ())
        own = tuple((name, value) for name, value in pairs.items() if name not in STANDARD_NAMES)
        leg = calls.begin(device, sid, message.call, message.description)
        calls.post(Arrival(leg.leg, sid, application, party, parameters=own))
        return None

    def _application(self, grant: Grant, to: str) -> Application:
        """What answers the call of a page. Raises TargetRefused."""
        directory = self._reception.directory
        if grant.operator:
            return connect(directory, to, grant.account_sid)
        application = directory.application(grant.application_sid, grant.account_sid)
        if application is None or not application.url:
            raise TargetRefused(NO_SUCH_CALL, f"there is no application {grant.application_sid[:34]} with a VoiceUrl")
        return application

    def _deny(self, message: Invite, told: dict[str, Any]) -> None:
        self._send(write("hangup", callsid=message.call, error=told))

    def _pass_on(self, leg: ClientLeg | None, message: UserMessage) -> None:
        missing = fault(NO_SUCH_CALL, "there is no such call")
        denied = missing if leg is None else self._reception.letters.receive(leg.call_sid, message)
        about = {"callsid": message.call, "voiceeventsid": message.sid}
        if denied is None:
            self._send(write("ack", acktype="message", **about))
        else:
            self._send(write("error", error=denied, **about))


def _note(leg: ClientLeg | None, message: Called, frame: str) -> None:
    if leg is not None:
        leg.note("in", NAMES[type(message)], frame)
