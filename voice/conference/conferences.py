"""All conferences of one server: names are unique within an account, and only among those that live."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from markup import commands
from markup.verbs import Conference as Noun
from voice.conference.conference import Conference
from voice.conference.guest import Guest
from voice.conference.house import House
from voice.conference.member import make_member
from voice.conference.participant import Participant
from voice.conference.seat import Seat
from voice.conference.seats import Seats
from voice.errors import ConferenceRefused


class Conferences:
    """The conferences that are not over, found by name, by SID and by the call of a participant."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._by_name: dict[tuple[str, str], Conference] = {}
        self._by_sid: dict[str, Conference] = {}
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Conference]:
        return iter(list(self._by_sid.values()))

    @property
    def most(self) -> int:
        """Participants in one conference, whatever a document says."""
        return self._house.most

    @property
    def participants(self) -> int:
        """How many calls are in conferences."""
        return sum(len(conference.participants) for conference in self._by_sid.values())

    def participant(self, guest: Guest, command: commands.JoinConference) -> Participant:
        """A call that is about to join, as its document says."""
        sid, noun = guest.call.sid, command.noun
        conference = self.expecting(sid)
        member = conference.rules.expected[sid] if conference is not None else make_member(sid, noun)
        return Participant(guest, command.id, noun, member, self._house.studio)

    def join(self, participant: Participant) -> None:
        """Let a participant into the conference that its document names, which is made if it is not live.

        Raises ConferenceRefused.
        """
        call, noun = participant.guest.call, participant.noun
        conference = self.expecting(call.sid) or self.named(call.account_sid, noun.name) or self._make(call.account_sid, noun)
        try:
            conference.admit(participant)
        except ConferenceRefused:
            conference.seats.lose(call.sid)
            raise
        finally:
            if not conference.participants and not conference.rules.expected:
                self._forget(conference)

    def seat(self, seat: Seat) -> Seats:
        """Expect somebody who is called into a conference, which is made if it is not live."""
        noun, account_sid = seat.noun, seat.call.account_sid
        conference = self.named(account_sid, noun.name)
        if conference is None:
            conference = self._make(account_sid, noun, seat.conference_sid)
            self._house.archive.write(conference)
        conference.seats.expect(seat)
        return conference.seats

    def named(self, account_sid: str, name: str) -> Conference | None:
        """The live conference of a name."""
        return self._by_name.get((account_sid, name))

    def by_sid(self, sid: str) -> Conference | None:
        """The live conference with a SID."""
        return self._by_sid.get(sid)

    def of_call(self, call_sid: str) -> tuple[Conference, Participant] | None:
        """The conference that a call is in, and its participant there."""
        return next(((each, each.participants[call_sid]) for each in self if call_sid in each.participants), None)

    def expecting(self, call_sid: str) -> Conference | None:
        """The conference into which a call is placed."""
        return next((each for each in self if call_sid in each.rules.expected), None)

    def _make(self, account_sid: str, noun: Noun, sid: str = "") -> Conference:
        conference = Conference(noun.name, account_sid, next(self._numbers), self._house, noun, self._forget, sid)
        self._by_name[account_sid, noun.name] = self._by_sid[conference.sid] = conference
        return conference

    def _forget(self, conference: Conference) -> None:
        if self._by_sid.pop(conference.sid, None) is not None:
            del self._by_name[conference.account_sid, conference.name]
