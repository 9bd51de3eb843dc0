"""The rules of a conference, without audio, lines or requests."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.conference.member import Member, Placement, place
from voice.conference.room import Happening, Room
from voice.errors import ConferenceRefused

ALICE, BOB, CAROL = (f"CA{letter * 32}" for letter in "abc")


def told(happened: list[Happening]) -> list[str]:
    return [each.event.removeprefix("participant-") for each in happened]


def departures(happened: list[Happening]) -> dict[str, str]:
    return {each.member.call_sid: each.departure for each in happened if each.member and each.departure}


def reasons(happened: list[Happening]) -> dict[str, str]:
    return dict(happened[-1].details)


def room_of(*members: Member) -> Room:
    room = Room()
    for member in members:
        room.join(member, 250)
    return room


def test_a_conference_starts_with_the_second_participant() -> None:
    room = Room()
    joined = [(told(room.join(Member(sid), 250)), str(room.status)) for sid in (ALICE, BOB, CAROL)]
    assert joined == [(["join"], "init"), (["join", "conference-start"], "in-progress"), (["join"], "in-progress")]


@pytest.mark.parametrize(
    ("starters", "starts_at"), [((False, False, True), 3), ((True, False, False), 2), ((False, True, False), 2)]
)
def test_it_starts_when_there_are_two_and_one_of_them_may_start_it(starters: tuple[bool, ...], starts_at: int) -> None:
    room = Room()
    started = []
    for sid, starter in zip((ALICE, BOB, CAROL), starters, strict=True):
        room.join(Member(sid, start_on_enter=starter), 250)
        started.append(room.started)
    assert started.index(True) + 1 == starts_at


def test_people_who_may_not_start_it_wait_for_ever() -> None:
    room = room_of(*(Member(f"CA{number:032x}", start_on_enter=False) for number in range(10)))
    assert room.status == "init"
    assert all(placement == Placement("wait", False) for placement in room.placements().values())


def test_who_joins_after_the_start_talks_at_once() -> None:
    room = room_of(Member(ALICE), Member(BOB), Member(CAROL, start_on_enter=False))
    assert room.placements()[CAROL] == Placement("room", True)


def test_one_who_stays_alone_stays_in_the_conference() -> None:
    alice = Member(ALICE)
    room = room_of(alice, Member(BOB))
    assert told(room.leave(alice, "participant_hung_up")) == ["leave"]
    assert room.status == "in-progress"
    assert room.placements() == {BOB: Placement("room", True)}


@pytest.mark.parametrize(
    ("end_on_exit", "kicked", "reason"),
    [
        (False, False, "last-participant-left"),
        (False, True, "last-participant-kicked"),
        (True, False, "participant-with-end-conference-on-exit-left"),
        (True, True, "participant-with-end-conference-on-exit-kicked"),
    ],
)
def test_the_end_names_its_reason_and_who_caused_it(end_on_exit: bool, kicked: bool, reason: str) -> None:
    alice = Member(ALICE, label="boss", end_on_exit=end_on_exit)
    room = room_of(alice)
    happened = room.leave(alice, "participant_hung_up", kicked=kicked)
    assert told(happened) == ["leave", "conference-end"]
    assert reasons(happened)["ReasonConferenceEnded"] == room.reason_ended == reason
    assert reasons(happened)["CallSidEndingConference"] == room.ended_by == ALICE
    assert reasons(happened)["ParticipantLabelEndingConference"] == "boss"
    assert room.status == "completed"


def test_everybody_leaves_with_the_one_who_ends_it() -> None:
    alice = Member(ALICE, end_on_exit=True)
    room = room_of(alice, Member(BOB), Member(CAROL))
    happened = room.leave(alice, "participant_hung_up")
    assert told(happened) == ["leave", "leave", "leave", "conference-end"]
    assert departures(happened) == {
        ALICE: "participant_hung_up",
        BOB: "moderator_ended_conference",
        CAROL: "moderator_ended_conference",
    }
    assert "ParticipantLabelEndingConference" not in reasons(happened)
    assert not room.members


def test_it_can_be_ended_from_outside_once() -> None:
    room = room_of(Member(ALICE), Member(BOB))
    happened = room.end()
    assert set(departures(happened).values()) == {"conference_ended_via_api"}
    assert reasons(happened) == {"ReasonConferenceEnded": "conference-ended-via-api", "Reason": "Conference ended via API"}
    assert room.end() == []


def test_a_completed_conference_is_never_reopened() -> None:
    room = room_of(Member(ALICE))
    room.end()
    with pytest.raises(ConferenceRefused) as refusal:
        room.join(Member(BOB), 250)
    assert refusal.value.code == 16022
    assert room.members == {}


def test_a_full_conference_takes_nobody() -> None:
    room = room_of(Member(ALICE), Member(BOB))
    with pytest.raises(ConferenceRefused) as refusal:
        room.join(Member(CAROL), 2)
    assert refusal.value.code == 16020
    assert list(room.members) == [ALICE, BOB]


@pytest.mark.parametrize(("by_api", "code"), [(False, 16025), (True, 16026)])
def test_a_label_is_in_a_conference_once(by_api: bool, code: int) -> None:
    room = room_of(Member(ALICE, label="agent"), Member(CAROL))
    with pytest.raises(ConferenceRefused) as refusal:
        room.join(Member(BOB, label="agent"), 250, by_api=by_api)
    assert refusal.value.code == code
    room.join(Member(BOB), 250)
    assert room.find("agent") is room.members[ALICE]
    assert room.find(BOB) is room.members[BOB]
    assert room.find("nobody") is None


def test_nobody_coaches_somebody_who_is_not_there() -> None:
    with pytest.raises(ConferenceRefused) as refusal:
        Room().join(Member(ALICE, coached_sid=BOB), 250)
    assert refusal.value.code == 13240
    room = room_of(Member(ALICE))
    with pytest.raises(ConferenceRefused):
        room.join(Member(BOB, coached_sid=BOB), 250)


def test_a_change_is_told_once() -> None:
    alice = Member(ALICE)
    room = room_of(alice, Member(BOB))
    assert told(room.mute(alice, True)) == ["mute"]
    assert told(room.mute(alice, True)) == []
    assert told(room.hold(alice, True)) == ["hold"]
    assert (alice.muted, alice.hold) == (True, True)
    assert told(room.mute(alice, False)) == ["unmute"]
    assert told(room.hold(alice, False)) == ["unhold"]
    assert told(room.coach(alice, BOB)) == ["modify"]
    assert told(room.coach(alice, BOB)) == []
    assert told(room.change_exit(alice, end_on_exit=True, beep_on_exit=True)) == ["modify"]
    assert told(room.change_exit(alice, end_on_exit=True, beep_on_exit=True)) == []


@pytest.mark.parametrize(("target", "code"), [(CAROL, 16028), (ALICE, 16028), (BOB, 16027)])
def test_a_coach_needs_somebody_who_can_hear(target: str, code: int) -> None:
    alice, bob = Member(ALICE), Member(BOB)
    room = room_of(alice, bob)
    room.hold(bob, True)
    with pytest.raises(ConferenceRefused) as refusal:
        room.coach(alice, target)
    assert refusal.value.code == code
    assert not alice.coaching


def test_a_coach_is_heard_by_one_until_that_one_is_on_hold_or_gone() -> None:
    agent, coach = Member(ALICE), Member(BOB, coached_sid=ALICE)
    room = room_of(agent, Member(CAROL), coach)
    assert room.placements()[BOB] == Placement("room", False, ALICE)
    room.hold(agent, True)
    assert room.placements()[BOB] == Placement("room", False)
    room.hold(agent, False)
    assert room.placements()[BOB].confidant == ALICE
    room.leave(agent, "participant_hung_up")
    assert room.placements()[BOB] == Placement("room", False)


flags = st.booleans()


@given(flags, flags, flags, flags)
def test_mute_hold_and_waiting_are_independent(muted: bool, hold: bool, started: bool, coaching: bool) -> None:
    other = Member(BOB)
    member = Member(ALICE, muted=muted, hold=hold, coached_sid=BOB if coaching else "")
    placement = place(member, started, {ALICE: member, BOB: other})
    assert placement.listening == ("hold" if hold else "room" if started else "wait")
    assert placement.hears == (started and not hold)
    assert placement.heard == (started and not hold and not muted and not coaching)
    assert placement.confidant == (BOB if started and not hold and not muted and coaching else "")


@given(
    st.lists(st.tuples(st.sampled_from(["join", "leave", "kick", "end", "mute", "hold"]), st.integers(0, 4), flags), max_size=60)
)
def test_every_history_is_told_in_order(history: list[tuple[str, int, bool]]) -> None:
    """Who left had joined; it starts and ends at most once; nothing is told after the end, and nobody is left in it."""
    room, happened = Room(), []
    for number, (deed, who, flag) in enumerate(history):
        sid = f"CA{who:032x}"
        member = room.members.get(sid)
        if deed == "join" and member is None and room.status != "completed":
            happened += room.join(Member(sid, start_on_enter=flag, end_on_exit=number % 7 == 0), 250)
        elif deed == "end":
            happened += room.end()
        elif deed in ("leave", "kick") and member is not None:
            happened += room.leave(member, "participant_hung_up", kicked=deed == "kick")
        elif member is not None:
            happened += room.hold(member, flag) if deed == "hold" else room.mute(member, flag)
    events = told(happened)
    inside: set[str] = set()
    for event, happening in itertools.zip_longest(events, happened):
        sid = happening.member.call_sid if happening.member else ""
        if event == "join":
            inside.add(sid)
        elif event == "leave":
            inside.remove(sid)
        elif sid:
            assert sid in inside
    assert inside == set(room.members)
    assert events.count("conference-start") <= 1
    assert ("conference-end" in events) == (room.status == "completed")
    assert "conference-end" not in events[:-1]
