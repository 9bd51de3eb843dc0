"""Every resource of the REST API."""

from __future__ import annotations

from voice.accounts.pool import Pool
from voice.accounts.provisioning import Provisioning
from voice.api.resources.accounts import AccountResource
from voice.api.resources.applications import Applications
from voice.api.resources.available import AvailablePhoneNumbers
from voice.api.resources.call_recordings import CallRecordings
from voice.api.resources.caller_ids import OutgoingCallerIds
from voice.api.resources.calls import Calls
from voice.api.resources.conference_recordings import ConferenceRecordings
from voice.api.resources.conferences import ConferenceResource
from voice.api.resources.credential_lists import CredentialLists, Credentials
from voice.api.resources.domains import DomainResource
from voice.api.resources.events import Events
from voice.api.resources.ip_access_control_lists import IpAccessControlLists, IpAddresses
from voice.api.resources.keys import Keys
from voice.api.resources.live_transcriptions import LiveTranscriptionResource
from voice.api.resources.mappings import CallAddressMappings, CallCredentialMappings, RegistrationMappings
from voice.api.resources.members import MemberResource
from voice.api.resources.messages import UserDefinedMessages
from voice.api.resources.notifications import NotificationResource
from voice.api.resources.numbers import IncomingPhoneNumbers
from voice.api.resources.participants import ParticipantResource
from voice.api.resources.payments import PaymentResource
from voice.api.resources.quality import QualityResource
from voice.api.resources.queues import QueueResource
from voice.api.resources.recording_rows import RecordingRows
from voice.api.resources.recordings import RecordingResource
from voice.api.resources.seating import Seating
from voice.api.resources.self_calls import SelfCallResource
from voice.api.resources.streams import LiveAudio
from voice.api.resources.tokens import Tokens
from voice.api.resources.transcriptions import TranscriptionResource
from voice.api.resources.usage import Usage
from voice.calls.resources import Resources
from voice.calls.switch import Switch
from voice.queue.book import QueueBook


def make_resources(shared: Resources, switch: Switch, provisioning: Provisioning) -> list[object]:
    """The resources of one server."""
    return [
        Calls(switch, shared.ledger, shared.database, shared.directory),
        ConferenceResource(shared.conferences, shared.database),
        ParticipantResource(shared.conferences, shared.database, switch, Seating(shared.conferences, shared.directory, switch)),
        QueueResource(shared.queues, QueueBook(shared.database, shared.queues), shared.now, shared.wall),
        MemberResource(shared.queues, switch, shared.now),
        UserDefinedMessages(shared.registry, shared.letters, shared.wall),
        PaymentResource(shared.registry, shared.payments),
        LiveAudio(shared.registry, shared.streams, shared.forks),
        LiveTranscriptionResource(shared.registry, shared.live_transcriptions),
        *_traces(shared),
        *_administration(shared, switch, provisioning),
        *_domains(shared, provisioning),
    ]


def _traces(shared: Resources) -> list[object]:
    """What calls leave behind."""
    rows = RecordingRows(shared.recordings, shared.database)
    open = not shared.settings.recordings.authentication
    return [
        RecordingResource(shared.accounts, shared.recordings, rows, open=open),
        CallRecordings(shared.recordings, rows, shared.registry, shared.database),
        ConferenceRecordings(shared.recordings, rows, shared.conferences, shared.database),
        TranscriptionResource(
            shared.database, shared.wall, shared.recordings, shared.transcriptions, shared.recognizers.understands
        ),
        NotificationResource(shared.database),
        Events(shared.journals, shared.database),
        QualityResource(shared.registry, shared.survey, shared.journals, shared.database),
    ]


def _administration(shared: Resources, switch: Switch, provisioning: Provisioning) -> list[object]:
    """What calls are made with, and what they cost."""
    settings, database, wall = shared.settings, shared.database, shared.wall
    pool = Pool(settings.available_number, shared.directory.owns)
    return [
        AccountResource(database, wall, provisioning, switch),
        Keys(database, wall, provisioning),
        Applications(database, wall, provisioning),
        IncomingPhoneNumbers(database, wall, provisioning, shared.directory, shared.accounts, pool),
        AvailablePhoneNumbers(pool),
        OutgoingCallerIds(shared, switch, provisioning),
        Tokens(settings.ice_server, wall),
        Usage(database, wall, shared.accounts, settings.prices),
        SelfCallResource(shared.selfcall, shared.accounts),
    ]


def _domains(shared: Resources, provisioning: Provisioning) -> list[object]:
    """Who may register phones and call."""
    lists = CredentialLists, Credentials, IpAccessControlLists, IpAddresses
    mappings = CallCredentialMappings, CallAddressMappings, RegistrationMappings
    shares = shared.database, shared.wall, provisioning
    domains = DomainResource(*shares, shared.phones.domains, encrypts=shared.settings.sip.encrypts)
    return [domains, *(each(*shares) for each in (*lists, *mappings))]
