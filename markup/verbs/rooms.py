"""Where calls meet: Conference, Queue, Enqueue and Leave (spec sections 2.7.4, 2.10 and 2.11)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Noun, Verb


@dataclass(frozen=True, slots=True)
class Conference(Noun):
    """A room where everyone hears everyone (section 2.7.4)."""

    name: str = ""
    """Unique in the account, 1 to 128 characters."""
    muted: bool = False
    """Whether the participant is not heard. Section 2.7.4."""
    beep: str = "true"
    """``true``, ``false``, ``onEnter`` or ``onExit``. Section 2.7.4."""
    start_conference_on_enter: bool = True
    """Whether the conference may start with this participant. Section 2.7.4."""
    end_conference_on_exit: bool = False
    """Whether everyone leaves with this participant. Section 2.7.4."""
    participant_label: str = ""
    """Unique in the conference, at most 128 characters without ``/``; empty is none. Section 2.7.4."""
    jitter_buffer_size: str = "large"
    """``off``, or how late a packet may be: ``small`` 20 ms, ``medium`` 40 ms, ``large`` 60 ms. Section 2.7.4."""
    wait_url: str | None = None
    """What is heard until the start; empty is silence, None the built-in music. Sections 1.7 and 2.7.4."""
    wait_method: str = "POST"
    """GET or POST, for ``wait_url``. Section 2.7.4."""
    max_participants: int = 250
    """At least 2; the switch's own limit is less than the most that is read here. Section 2.7.4."""
    record: str = "do-not-record"
    """``do-not-record`` or ``record-from-start``. Section 2.7.4."""
    trim: str = "trim-silence"
    """``trim-silence`` or ``do-not-trim``, of the recording. Section 2.7.4."""
    region: str = ""
    """Where it is mixed; empty is the switch's choice. Section 2.7.4."""
    coach: str = ""
    """``CallSid`` of the only participant who hears this one; empty is none. Section 2.7.4."""
    status_callback: str = ""
    """Where the conference's progress is told; empty is nowhere. Section 3.8."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``. Section 3.8."""
    status_callback_event: tuple[str, ...] = ()
    """Of ``start end join leave mute hold modify speaker announcement``. Section 3.8."""
    recording_status_callback: str = ""
    """Where the recording's progress is told; empty is nowhere. Section 3.7."""
    recording_status_callback_method: str = "POST"
    """GET or POST, for ``recording_status_callback``."""
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``. Section 3.7."""
    recording_configuration_id: str = ""
    """Opaque. Section 2.7.4."""
    event_callback_url: str = ""
    """Deprecated: told of the recording's end; empty is nobody. Section 2.7.4."""


@dataclass(frozen=True, slots=True)
class Queue(Noun):
    """The head of a queue (section 2.11)."""

    name: str = ""
    """1 to 64 characters."""
    url: str = ""
    """Document that the queued caller hears before being connected; empty is none. Section 2.11."""
    method: str = "POST"
    """GET or POST, for ``url``."""
    reservation_sid: str = ""
    """Of a task router, which this switch has not. Section 2.11."""
    post_work_activity_sid: str = ""
    """Of a task router, which this switch has not. Section 2.11."""


@dataclass(frozen=True, slots=True)
class Task(Noun):
    """Of a task router, which this switch has not (section 2.10)."""

    body: str = ""
    """Attributes in JSON."""
    priority: int = 0
    """The highest goes first."""
    timeout: int = 0
    """Seconds, at least 1; 0 is the workflow's own."""


@dataclass(frozen=True, slots=True)
class Enqueue(Verb):
    """Wait in a queue (section 2.10)."""

    name: str = ""
    """1 to 64 characters; empty only with a ``workflow_sid``."""
    action: str = ""
    """Where the result goes; empty is nowhere, and the next verb runs. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    wait_url: str | None = None
    """What is heard meanwhile; empty is silence, None the built-in music. Sections 1.7 and 2.10."""
    wait_url_method: str = "POST"
    """GET or POST, for ``wait_url``. Section 2.10."""
    max_queue_size: int = 0
    """Callers, at least 1; 0 is the queue's own. Section 2.10."""
    workflow_sid: str = ""
    """Of a task router, which this switch has not. Section 2.10."""
    task: Task | None = None
    """Of a task router, which this switch has not. Section 2.10."""


@dataclass(frozen=True, slots=True)
class Leave(Verb):
    """Leave the queue; only in its waiting document (section 2.10)."""
