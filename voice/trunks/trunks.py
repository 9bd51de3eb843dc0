"""All trunks of one server: the way of a number to the network, and the calls that come from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random

import structlog

from sip.endpoint import Enrolment, Invitation, Peers
from sip.events import Enrolled, Headers, LegId, Pinged
from sip.uri import is_within, parse_uri, read_address, split_source
from voice.errors import TargetRefused, TrunksFull
from voice.routing.address import normalise_number
from voice.settings import Trunk as Configured
from voice.trunks.numbers import rewrite
from voice.trunks.trunk import Target, Trunk

NO_TRUNK = 13224
ANONYMOUS = "anonymous"
ANSWER_SECONDS = 2.0
"""That an OPTIONS is left before it is sent again."""

_log = structlog.get_logger("trunks")


class Trunks:
    """The carriers of the settings; ``now`` is in monotonic seconds, ``host`` names us in our URIs."""

    def __init__(
        self, configured: Iterable[Configured], host: str, now: Callable[[], float], random: Random | None = None
    ) -> None:
        self._trunks = [Trunk(each) for each in configured]
        self._host = host
        self._now = now
        self._random = random or Random()
        self._legs: dict[LegId, Trunk] = {}
        self._enrolments: dict[int, Trunk] = {}

    def __iter__(self) -> Iterator[Trunk]:
        return iter(self._trunks)

    def named(self, name: str) -> Trunk | None:
        """The trunk of a name."""
        return next((trunk for trunk in self._trunks if trunk.name == name), None)

    # the way out

    def invitations(self, number: str, identity: str, headers: Headers) -> tuple[Invitation, ...]:
        """The INVITEs for a number, in the order in which they are to be tried.

        Raises TargetRefused when no trunk takes it, TrunksFull when none has room.
        """
        serving = [trunk for trunk in self._trunks if not trunk.paused]
        best = max((trunk.matches(number) for trunk in serving), default=-1)
        fitting = [trunk for trunk in serving if best >= 0 and trunk.matches(number) == best]
        if not fitting:
            raise TargetRefused(NO_TRUNK, f"no trunk takes {number}")
        open_ = [trunk for trunk in fitting if trunk.has_room(self._now())]
        for full in fitting if not open_ else ():
            full.refused += 1
        if not open_:
            raise TrunksFull(NO_TRUNK, f"no trunk that takes {number} has room")
        return tuple(
            self._invitation(trunk, target, number, identity, headers)
            for trunk in open_
            for target in trunk.ordered(self._random)
        )

    def _invitation(self, trunk: Trunk, target: Target, number: str, identity: str, headers: Headers) -> Invitation:
        uri = parse_uri(target.configured.uri)
        if uri is None:
            raise TargetRefused(NO_TRUNK, f"trunk {trunk.name!r} has no usable uri")
        configured = trunk.configured
        shown = configured.caller_id or rewrite(identity, configured.caller_rewrite)
        called = str(uri).replace(f"{uri.scheme}:", f"sip:{rewrite(number, configured.rewrite)}@", 1)
        encrypted = ";transport=tls" if uri.scheme == "sips" and uri.parameter("transport") is None else ""
        return Invitation(
            called + encrypted,
            f"sip:{shown}@{configured.from_domain or self._host}",
            headers=headers + _identities(configured, identity, self._host),
            credentials=trunk.credentials,
            verified=configured.tls_verify,
            patience_seconds=configured.patience_seconds,
            carrier=trunk.name,
            route=_route(configured, target),
        )

    # limits

    def enter(self, invitation: Invitation) -> bool:
        """Whether the trunk of an INVITE has room for it."""
        trunk = self.named(invitation.carrier)
        if trunk is None or trunk.enter(self._now()):
            return True
        trunk.refused += 1
        _log.warning("a trunk is full", trunk=trunk.name, live=trunk.live)
        return False

    def follow(self, leg: LegId, invitation: Invitation) -> None:
        """Count a leg that goes through a trunk."""
        trunk = self.named(invitation.carrier)
        if trunk is not None:
            trunk.live += 1
            self._legs[leg] = trunk

    def leave(self, leg: LegId) -> None:
        """Count it no more."""
        trunk = self._legs.pop(leg, None)
        if trunk is not None:
            trunk.live -= 1

    def legs(self, trunk: Trunk) -> list[LegId]:
        """Those that go through a trunk just now."""
        return [leg for leg, each in self._legs.items() if each is trunk]

    def pause(self, trunk: Trunk, paused: bool) -> None:
        """Send no more calls through a trunk, or begin again; those that are up go on."""
        if paused != trunk.paused:
            trunk.paused = paused
            _log.warning("trunk paused" if paused else "trunk resumed", trunk=trunk.name, live=trunk.live)

    # the way in

    def of_caller(self, source: str, user: str = "") -> Trunk | None:
        """The trunk that a call comes from: by its address, or by the name under which we have registered there."""
        address = read_address(split_source(source)[0])
        for trunk in self._trunks:
            near = is_within(address, trunk.configured.networks)
            if near or (trunk.configured.register_ and user and user == trunk.configured.username):
                return trunk
        return None

    def numbers(self, source: str, user: str, to: str) -> Iterator[str]:
        """What the user parts of a request URI and of To may mean, in E.164, by the address that a call comes from."""
        trunk = self.of_caller(source, user)
        if trunk is None:
            return
        for written in (user, to):
            number = normalise_number(rewrite(written, trunk.configured.inbound_rewrite))
            if number is not None:
                yield number

    # health

    def enrol(self, peers: Peers) -> None:
        """Register with the registrars that want that."""
        for trunk in self._trunks:
            configured = trunk.configured
            uri = parse_uri(configured.registrar or (trunk.targets[0].configured.uri if trunk.targets else ""))
            if configured.register_ and uri is not None and trunk.credentials is not None:
                identity = f"sip:{configured.username}@{configured.from_domain or uri.host}"
                enrolment = Enrolment(str(uri), identity, trunk.credentials, configured.register_seconds, configured.tls_verify)
                self._enrolments[peers.enrol(enrolment)] = trunk

    def enrolled(self, event: Enrolled) -> None:
        """Take what a registrar said."""
        trunk = self._enrolments.get(event.enrolment)
        if trunk is None:
            return
        registered = 200 <= event.code < 300 and event.seconds > 0
        if registered != trunk.registered:
            log = _log.info if registered else _log.error
            log("trunk registered" if registered else "trunk not registered", trunk=trunk.name, status=event.code)
        trunk.registered = registered

    def ping(self, trunk: Trunk, peers: Peers) -> None:
        """Ask the targets of a trunk whether they live; those that have not answered the last time have missed it."""
        for target in trunk.targets:
            self._ask(trunk, target, peers)

    def ask(self, trunk: Trunk, peers: Peers) -> None:
        """The same out of turn: whoever was asked a moment ago is left the time to answer."""
        for target in trunk.targets:
            if not (target.waiting and self._now() - target.asked < ANSWER_SECONDS):
                self._ask(trunk, target, peers)

    def _ask(self, trunk: Trunk, target: Target, peers: Peers) -> None:
        if target.waiting:
            self._judge(trunk, target, 408)
        target.asked, target.answer, target.waiting = self._now(), None, peers.ping(target.hop)

    def pinged(self, event: Pinged) -> None:
        """Take an answer to OPTIONS."""
        for trunk in self._trunks:
            for target in trunk.targets:
                if target.waiting == event.ping:
                    target.answer = event.code, self._now() - target.asked
                    self._judge(trunk, target, event.code)

    def readings(self) -> Iterator[tuple[str, str, str, float]]:
        """What is the case at this moment, for ``/metrics``."""
        for trunk in self._trunks:
            up = sum(target.up for target in trunk.targets)
            yield "trunk_calls_live", "Legs that go through a trunk", trunk.name, trunk.live
            yield "trunk_targets_up", "Addresses of a trunk that are not known to be dead", trunk.name, up
            yield "trunk_paused", "Whether it takes no calls of ours for the time being", trunk.name, float(trunk.paused)
            yield "trunk_calls_refused_total", "Calls that a trunk had no room for", trunk.name, trunk.refused
            if trunk.configured.register_:
                yield "trunk_registered", "Whether its registrar knows us", trunk.name, float(trunk.registered is True)

    def _judge(self, trunk: Trunk, target: Target, code: int) -> None:
        if target.hear(code):
            log = _log.info if target.up else _log.error
            log("target is up" if target.up else "target is down", trunk=trunk.name, uri=target.hop, status=code)


def _route(configured: Configured, target: Target) -> tuple[str, ...]:
    """The proxies on the way to a target. The address that its name leads to is one that the message does not name."""
    if configured.proxy:
        return (f"{configured.proxy};lr",)
    return (target.place.route,) if target.place is not None else ()


def _identities(configured: Configured, identity: str, host: str) -> Headers:
    """What a trusted carrier is told of who calls (RFC 3325), even when the callee is not to be told."""
    if not configured.asserted_identity:
        return ()
    user = configured.caller_id or identity
    asserted = (("P-Asserted-Identity", f"<sip:{user}@{configured.from_domain or host}>"),) if user != ANONYMOUS else ()
    return (*asserted, *((("Privacy", "id"),) if identity == ANONYMOUS else ()))
