"""How Conference, Queue, Enqueue and Leave are read (spec sections 2.7.4, 2.10 and 2.11)."""

from __future__ import annotations

import re

from markup import verbs
from markup.grammar.attributes import TRIM, recording_status_callback, status_callback, text
from markup.grammar.elements import Attribute, Child, Element, Fault
from markup.readers import anything, boolean, callback, choice, matching, method, record_conference, url, whole

BAD_CONFERENCE_NAME, BAD_COACH = 13237, 13240
LONGEST_NAME, LONGEST_QUEUE_NAME = 128, 64
MOST_PARTICIPANTS = 10_000
"""More than any switch mixes; its own setting decides."""
_CALL_SID = "CA[0-9a-fA-F]{32}"
_CONFERENCE_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")


def _conference_fault(conference: verbs.Conference) -> Fault | None:
    if not 0 < len(conference.name) <= LONGEST_NAME:
        return (BAD_CONFERENCE_NAME, f"<Conference> needs a name of at most {LONGEST_NAME} characters")
    if conference.coach and not re.fullmatch(_CALL_SID, conference.coach):
        return (BAD_COACH, f"coach={conference.coach[:60]!r} of <Conference> is not the SID of a call")
    return None


def _queue_fault(queue: verbs.Queue) -> Fault | None:
    return _queue_name_fault("Queue", queue.name, 14212, 14213)


def _enqueue_fault(enqueue: verbs.Enqueue) -> Fault | None:
    return None if enqueue.workflow_sid else _queue_name_fault("Enqueue", enqueue.name, 14204, 14205)


def _queue_name_fault(element: str, name: str, too_short: int, too_long: int) -> Fault | None:
    if 0 < len(name) <= LONGEST_QUEUE_NAME:
        return None
    return (too_long if name else too_short, f"<{element}> needs the name of a queue, of at most {LONGEST_QUEUE_NAME} characters")


CONFERENCE = Element(
    verbs.Conference,
    {
        "muted": Attribute("muted", boolean, 13230),
        "beep": Attribute("beep", choice("true", "false", "onEnter", "onExit"), 13235),
        "startConferenceOnEnter": Attribute("start_conference_on_enter", boolean, 13232),
        "endConferenceOnExit": Attribute("end_conference_on_exit", boolean, 13231),
        "participantLabel": Attribute(
            "participant_label",
            matching(
                f"(?!{_CALL_SID}$)[^/]{{0,{LONGEST_NAME}}}", "a label of at most 128 characters without / that is no CallSid"
            ),
            16023,
        ),
        "jitterBufferSize": Attribute("jitter_buffer_size", choice("small", "medium", "large", "off")),
        "waitUrl": Attribute("wait_url", url, 13233),
        "waitMethod": Attribute("wait_method", method, 13234),
        "maxParticipants": Attribute("max_participants", whole(2, MOST_PARTICIPANTS)),
        "record": Attribute("record", record_conference),
        "trim": Attribute("trim", TRIM, 13239),
        "region": Attribute("region", choice("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
        "coach": Attribute("coach", anything),
        **status_callback(*_CONFERENCE_EVENTS),
        **recording_status_callback(),
        "eventCallbackUrl": Attribute("event_callback_url", callback),
    },
    text="name",
    fault=_conference_fault,
)
QUEUE = Element(
    verbs.Queue,
    {
        "url": Attribute("url", url, 14211),
        "method": Attribute("method", method, 14210),
        **text("reservationSid", "postWorkActivitySid"),
    },
    text="name",
    fault=_queue_fault,
)
_TASK = Element(verbs.Task, {"priority": Attribute("priority", whole(0)), "timeout": Attribute("timeout", whole(1))}, text="body")
ENQUEUE = Element(
    verbs.Enqueue,
    {
        "action": Attribute("action", url, 14203),
        "method": Attribute("method", method, 14201),
        "waitUrl": Attribute("wait_url", url, 14202),
        "waitUrlMethod": Attribute("wait_url_method", method, 14206),
        "maxQueueSize": Attribute("max_queue_size", whole(1)),
        **text("workflowSid"),
    },
    text="name",
    children={"Task": Child(_TASK, "task", single=True)},
    fault=_enqueue_fault,
)
LEAVE = Element(verbs.Leave)
