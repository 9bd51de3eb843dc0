"""All conferences of one server: names are unique within an account, and only among those that live."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from markup import commands
from voice.conference.conference import Conference
from voice.conference.guest import Guest
from voice.conference.house import House
from voice.conference.participant import Participant


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
    def participants(self) -> int:
        """How many calls are in conferences."""
        return sum(len(conference.participants) for conference in self._by_sid.values())

    def participant(self, guest: Guest, command: commands.JoinConference) -> Participant:
        """A call that is about to join, as its document says."""
        return Participant(guest, command.id, command.noun, self._house.studio)

    def join(self, participant: Participant) -> None:
        """Let a participant into the conference that its document names, which is made if it is not live.

        Raises ConferenceRefused.
        """
        account_sid, noun = participant.guest.call.account_sid, participant.noun
        conference = self.named(account_sid, noun.name)
        if conference is None:
            conference = Conference(noun.name, account_sid, next(self._numbers), self._house, noun, self._forget)
            self._by_name[account_sid, noun.name] = self._by_sid[conference.sid] = conference
        try:
            conference.admit(participant)
        finally:
            if not conference.participants:
                self._forget(conference)

    def named(self, account_sid: str, name: str) -> Conference | None:
        """The live conference of a name."""
        return self._by_name.get((account_sid, name))

    def by_sid(self, sid: str) -> Conference | None:
        """The live conference with a SID."""
        return self._by_sid.get(sid)

    def of_call(self, call_sid: str) -> tuple[Conference, Participant] | None:
        """The conference that a call is in, and its participant there."""
        return next(((each, each.participants[call_sid]) for each in self if call_sid in each.participants), None)

    def _forget(self, conference: Conference) -> None:
        if self._by_sid.pop(conference.sid, None) is not None:
            del self._by_name[conference.account_sid, conference.name]
