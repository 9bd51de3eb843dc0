"""Three telephones with three tones in one conference: who hears whom, and what each change changes."""

from __future__ import annotations

import io
import wave
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.interop.switch import SID, TOKEN, RunningSwitch
from tests.ports import free_port
from tests.sip.far import PhoneFarCall, PhoneProcess
from tests.sip.patience import patient
from tests.webhook import Form, Webhook

PITCH = {"alice": 500, "bob": 900, "carol": 1300, "tune": 1700}
PEOPLE = ("alice", "bob", "carol")
EVERYBODY = [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
EVENTS = "statusCallback='/room' statusCallbackEvent='start end join leave mute hold modify announcement'"


class Meeting:
    """The three calls, and the door through which they are changed."""

    def __init__(self, switch: RunningSwitch, calls: list[PhoneFarCall], sids: list[str], conference_sid: str) -> None:
        self.calls = calls
        self.sids = dict(zip(PEOPLE, sids, strict=True))
        self._switch = switch
        self._address = f"/2010-04-01/Accounts/{SID}/Conferences/{conference_sid}"

    async def change(self, name: str, **fields: str) -> None:
        """Update a participant."""
        await self._post(f"{self._address}/Participants/{self.sids[name]}.json", fields)

    async def change_all(self, **fields: str) -> None:
        """Update the conference."""
        await self._post(f"{self._address}.json", fields)

    async def _post(self, address: str, fields: dict[str, str]) -> None:
        answer = await self._switch.client.post(address, data=fields, auth=(SID, TOKEN))
        assert answer.status_code == 200, answer.text

    @patient
    async def hear(self, expected: list[list[str]]) -> None:
        """Wait until each phone hears these and nobody else."""
        wanted = [[PITCH[name] for name in names] for names in expected]
        while [await call.tones() for call in self.calls] != wanted:
            pass


@pytest.fixture
async def meeting(switch: RunningSwitch, webhook: Webhook) -> AsyncIterator[Meeting]:
    sids: list[str] = []

    def welcome(form: Form) -> str:
        sids.append(form["CallSid"])
        return f"<Dial action='/after'><Conference beep='false' waitUrl='' {EVENTS}>Real phones</Conference></Dial>"

    webhook.answers.update({"/voice": welcome, "/after": "<Hangup/>", "/room": "", "/status": ""})
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    calls = []
    for number, hertz in enumerate((PITCH[name] for name in PEOPLE), 1):
        call = phone.dial("+15550100")
        call.say(hertz)
        await webhook.wait_for("/voice", number)
        await call.answered()
        calls.append(call)
    joined = await webhook.wait_for("/room")
    meeting = Meeting(switch, calls, sids, joined.form["ConferenceSid"])
    await meeting.hear(EVERYBODY)
    yield meeting
    for call in calls:
        call.hang_up()
    await switch.wait_until_idle()
    await phone.stop()


async def test_each_hears_the_other_two_and_never_itself(meeting: Meeting, switch: RunningSwitch) -> None:
    for _ in range(3):
        await meeting.hear(EVERYBODY)
    assert await switch.metric("strowger_conferences_live") == 1
    assert await switch.metric("strowger_conference_participants") == 3
    assert await switch.metric("strowger_samples_clipped_total") == 0


async def test_mute_and_hold_change_what_they_say(meeting: Meeting, webhook: Webhook) -> None:
    webhook.answers["/hold"] = "<Play loop='0'>/tone.wav</Play>"
    webhook.answers["/tone.wav"] = _wav(PITCH["tune"])
    await meeting.change("alice", Muted="true")
    await meeting.hear([["bob", "carol"], ["carol"], ["bob"]])
    await meeting.change("bob", Hold="true", HoldUrl=webhook.url("/hold"))
    await meeting.change("alice", Muted="false")
    await meeting.hear([["carol"], ["tune"], ["alice"]])
    await meeting.change("bob", Hold="false")
    await meeting.hear(EVERYBODY)


async def test_a_coach_is_heard_by_one_and_can_change_whom(meeting: Meeting) -> None:
    await meeting.change("carol", Coaching="true", CallSidToCoach=meeting.sids["alice"])
    await meeting.hear([["bob", "carol"], ["alice"], ["alice", "bob"]])
    await meeting.change("carol", CallSidToCoach=meeting.sids["bob"])
    await meeting.hear([["bob"], ["alice", "carol"], ["alice", "bob"]])
    await meeting.change("carol", Coaching="false")
    await meeting.hear(EVERYBODY)


async def test_an_announcement_is_heard_over_the_talk(meeting: Meeting, webhook: Webhook) -> None:
    webhook.answers["/announce"] = "<Play>/tone.wav</Play>"
    webhook.answers["/tone.wav"] = _wav(PITCH["tune"])
    await meeting.change_all(AnnounceUrl=webhook.url("/announce"))
    await meeting.hear([[*names, "tune"] for names in EVERYBODY])
    await meeting.hear(EVERYBODY)


async def test_the_end_is_told_to_everybody_in_order(meeting: Meeting, webhook: Webhook) -> None:
    await meeting.change_all(Status="completed")
    for call in meeting.calls:
        await call.ended()
    events = [await webhook.wait_for("/room", number) for number in range(1, 9)]
    assert [visit.form["StatusCallbackEvent"].removeprefix("participant-") for visit in events] == [
        *["join", "join", "conference-start", "join", "leave", "leave", "leave", "conference-end"]
    ]
    assert [visit.form["SequenceNumber"] for visit in events] == [str(number) for number in range(1, 9)]
    await webhook.wait_for("/after", 3)
    assert {visit.form["DialCallStatus"] for visit in webhook.visited("/after")} == {"answered"}


def _wav(hertz: int, seconds: float = 4) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        samples = 8000 * np.sin(2 * np.pi * hertz * np.arange(round(8000 * seconds)) / 8000)
        out.writeframes(samples.astype(np.int16).tobytes())
    return file.getvalue()
