"""Every resource of the REST API."""

from __future__ import annotations

from voice.api.resources.applications import Applications
from voice.api.resources.calls import Calls
from voice.api.resources.conferences import ConferenceResource
from voice.api.resources.members import MemberResource
from voice.api.resources.messages import UserDefinedMessages
from voice.api.resources.participants import ParticipantResource
from voice.api.resources.queues import QueueResource
from voice.api.resources.recordings import RecordingResource
from voice.api.resources.streams import LiveAudio
from voice.provisioning import Provisioning
from voice.queue_book import QueueBook
from voice.resources import Resources
from voice.switch import Switch


def make_resources(shared: Resources, switch: Switch, provisioning: Provisioning) -> list[object]:
    """The resources of one server."""
    open = not shared.settings.recordings.authentication
    return [
        Calls(switch, shared.ledger, shared.database, shared.directory),
        RecordingResource(shared.accounts, shared.recordings, open=open),
        ConferenceResource(shared.conferences, shared.database),
        ParticipantResource(shared.conferences, shared.database),
        QueueResource(shared.queues, QueueBook(shared.database, shared.queues), shared.now, shared.wall),
        MemberResource(shared.queues, switch, shared.now),
        UserDefinedMessages(shared.registry),
        LiveAudio(shared.registry, shared.streams, shared.forks),
        Applications(shared.database, shared.wall, provisioning),
    ]
