"""A day in the life of a customer who uses the official SDK for Python: every resource, with real telephones at the far end.

Nothing here knows what answers: only the host of the API is set, as ``client.api.base_url``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

T = TypeVar("T")

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Surroundings:
    """What a customer has beside the SDK."""

    api: str
    """``http://host:port``."""
    sid: str
    token: str
    phone: str
    """A SIP URI that answers every call and listens."""
    hook: str
    """Where the customer's documents are; whatever is asked for there is answered."""
    ear: str
    """A WebSocket that takes the audio of calls."""

    def client(self, user: str = "", password: str = "", account: str | None = None) -> Client:
        """The SDK, with the host of the API as its only setting."""
        client = Client(user or self.sid, password or self.token, account)
        client.api.base_url = self.api
        return client


def until(fetch: Callable[[], T], holds: Callable[[T], bool]) -> T:
    """Ask again until the answer is as wanted."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds(found := fetch()):
        assert time.monotonic() < deadline, f"still {found!r}"
        time.sleep(0.1)
    return found


def refused(ask: Callable[[], Any], status: int, code: int) -> None:
    """Something that the API says no to."""
    try:
        ask()
    except TwilioRestException as error:
        assert (error.status, error.code) == (status, code), error
    except TwilioException as error:  # of lists, which keep neither apart
        assert f"HTTP {status}" in str(error), error
        assert f'"code":{code}' in str(error), error
    else:
        raise AssertionError(f"{status} {code} was expected")


def accounts(around: Surroundings) -> None:
    """Accounts, subaccounts and keys."""
    client = around.client()
    own = client.api.v2010.accounts(around.sid)
    assert own.fetch().status == "active"
    made = client.api.v2010.accounts.create(friendly_name="Branch")
    assert made.owner_account_sid == around.sid
    assert made.sid in {each.sid for each in client.api.v2010.accounts.list(friendly_name="Branch")}
    branch = around.client(made.sid, made.auth_token)
    assert branch.applications.list() == []
    refused(lambda: branch.api.v2010.accounts(around.sid).fetch(), 404, 20404)
    theirs = around.client(account=made.sid)
    assert theirs.applications.create(friendly_name="theirs").account_sid == made.sid
    assert [each.friendly_name for each in branch.applications.list()] == ["theirs"]
    client.api.v2010.accounts(made.sid).update(status="suspended")
    refused(branch.applications.list, 403, 20005)
    client.api.v2010.accounts(made.sid).update(status="closed")
    refused(branch.applications.list, 401, 20003)

    key = client.new_keys.create(friendly_name="machine")
    assert key.secret
    by_key = around.client(key.sid, key.secret, around.sid)
    assert isinstance(by_key.applications.list(), list)
    refused(by_key.keys.list, 403, 20003)
    assert client.keys(key.sid).update(friendly_name="robot").friendly_name == "robot"
    assert key.sid in {each.sid for each in client.keys.list()}
    client.keys(key.sid).delete()
    refused(by_key.applications.list, 401, 20003)
    signing = client.new_signing_keys.create()
    assert client.signing_keys(signing.sid).fetch().sid == signing.sid
    client.signing_keys(signing.sid).delete()
    assert client.tokens.create(ttl=60).ttl == "60"
    assert client.balance.fetch().currency == "USD"


def numbers(around: Surroundings) -> None:
    """Applications, numbers and caller ids."""
    client = around.client()
    menu = client.applications.create(friendly_name="Menu", voice_url=f"{around.hook}/menu", voice_method="GET")
    assert client.applications(menu.sid).update(friendly_name="Main menu").friendly_name == "Main menu"
    assert [each.sid for each in client.applications.list(friendly_name="Main menu")] == [menu.sid]

    offered = client.available_phone_numbers("US").local.list(area_code=415, limit=2)
    bought = client.incoming_phone_numbers.create(phone_number=offered[0].phone_number, voice_application_sid=menu.sid)
    assert offered[0].phone_number not in {each.phone_number for each in client.available_phone_numbers("US").local.list()}
    assert bought.capabilities["voice"] is True
    assert [each.sid for each in client.incoming_phone_numbers.list(phone_number="+1415*")] == [bought.sid]
    assert client.incoming_phone_numbers(bought.sid).update(friendly_name="Hotline").friendly_name == "Hotline"
    call = client.calls.create(to=bought.phone_number, from_="+15550100", twiml="<Response><Pause length='1'/></Response>")
    until(lambda: client.calls(call.sid).fetch().status, lambda status: status == "completed")
    inbound = client.calls.list(to=bought.phone_number)
    assert {each.direction for each in inbound} == {"inbound", "outbound-api"}
    client.incoming_phone_numbers(bought.sid).delete()
    client.applications(menu.sid).delete()

    asked = client.validation_requests.create(phone_number="+14155550123", friendly_name="Desk")
    assert len(asked.validation_code) == 6
    assert asked.call_sid
    assert client.outgoing_caller_ids.list(phone_number="+14155550123") == []


def sip(around: Surroundings) -> None:
    """SIP domains and who may use them."""
    client = around.client()
    domain = client.sip.domains.create(
        domain_name="scenario.sip.twilio.com", voice_url=f"{around.hook}/menu", sip_registration=True
    )
    staff = client.sip.credential_lists.create(friendly_name="Staff")
    alice = client.sip.credential_lists(staff.sid).credentials.create(username="alice", password="Correct-Horse-9")
    office = client.sip.ip_access_control_lists.create(friendly_name="Office")
    network = client.sip.ip_access_control_lists(office.sid).ip_addresses.create("lan", "10.0.0.0", cidr_prefix_length=8)
    calls = client.sip.domains(domain.sid).auth.calls
    calls.credential_list_mappings.create(staff.sid)
    calls.ip_access_control_list_mappings.create(office.sid)
    client.sip.domains(domain.sid).auth.registrations.credential_list_mappings.create(staff.sid)
    assert set(client.sip.domains(domain.sid).fetch().auth_type.split(",")) == {"CREDENTIAL_LIST", "IP_ACL"}
    refused(lambda: client.sip.credential_lists(staff.sid).delete(), 400, 21241)
    assert [each.sid for each in calls.credential_list_mappings.list()] == [staff.sid]
    assert [each.sid for each in client.sip.domains(domain.sid).credential_list_mappings.list()] == [staff.sid]
    client.sip.credential_lists(staff.sid).credentials(alice.sid).update(password="Battery-Staple-7")
    client.sip.ip_access_control_lists(office.sid).ip_addresses(network.sid).update(friendly_name="LAN")
    calls.credential_list_mappings(staff.sid).delete()
    calls.ip_access_control_list_mappings(office.sid).delete()
    client.sip.domains(domain.sid).auth.registrations.credential_list_mappings(staff.sid).delete()
    client.sip.credential_lists(staff.sid).credentials(alice.sid).delete()
    client.sip.credential_lists(staff.sid).delete()
    client.sip.ip_access_control_lists(office.sid).delete()
    client.sip.domains(domain.sid).delete()


def calls(around: Surroundings) -> None:
    """A call from its order to its last trace."""
    client = around.client()
    refused(lambda: client.calls.create(to="nobody", from_="+15550100", twiml="<Response/>"), 400, 21211)
    placed = client.calls.create(
        to=around.phone,
        from_="+15550100",
        url=f"{around.hook}/long",
        status_callback=f"{around.hook}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    call = client.calls(placed.sid)
    assert placed.status == "queued"
    until(lambda: call.fetch().status, lambda status: status == "in-progress")
    refused(call.delete, 400, 20009)

    recording = call.recordings.create(recording_channels="dual", recording_status_callback=f"{around.hook}/recorded")
    time.sleep(1)
    assert call.recordings("Twilio.CURRENT").update(status="paused").status == "paused"
    assert call.recordings(recording.sid).update(status="in-progress").status == "in-progress"
    time.sleep(1)
    assert call.recordings("Twilio.CURRENT").update(status="stopped").sid == recording.sid
    done = until(lambda: client.recordings(recording.sid).fetch(), lambda each: each.status == "completed")
    assert done.channels == 2
    assert int(done.duration) >= 2
    assert [each.sid for each in client.recordings.list(call_sid=placed.sid)] == [recording.sid]
    assert client.recordings(recording.sid).transcriptions.list() == []
    client.recordings(recording.sid).delete()
    refused(lambda: client.recordings(recording.sid).fetch(), 404, 20404)
    assert client.recordings(recording.sid).fetch(include_soft_deleted=True).status == "deleted"

    stream = call.streams.create(url=around.ear, name="ear")
    assert call.streams(stream.sid).update(status="stopped").status == "stopped"
    written = call.transcriptions.create(name="minutes", status_callback_url=f"{around.hook}/written", hints="one, two")
    assert (written.name, written.status, written.sid[:2]) == ("minutes", "in-progress", "GT")
    assert call.transcriptions("minutes").update(status="stopped").sid == written.sid
    refused(lambda: call.transcriptions.create(language_code="tlh"), 400, 32651)
    refused(lambda: call.user_defined_messages.create(content="{}"), 404, 20404)
    payment = call.payments.create("first", f"{around.hook}/paid", charge_amount=12.5, postal_code=False)
    assert call.payments(payment.sid).update("second", f"{around.hook}/paid", status="cancel").sid == payment.sid

    call.update(twiml="<Response><Pause length='60'/></Response>")
    call.update(status="completed")
    ended = until(call.fetch, lambda each: each.status == "completed")
    assert int(ended.duration) >= 2
    assert ended.end_time >= ended.start_time
    assert any(each.request["url"].startswith(around.hook) for each in call.events.list())
    assert call.notifications.list() == []
    today = datetime.now(UTC)
    assert placed.sid in {each.sid for each in client.calls.list(status="completed", start_time_after=today - timedelta(days=1))}
    assert placed.sid not in {each.sid for each in client.calls.list(start_time_before=today - timedelta(days=1))}
    assert int(client.usage.records.all_time.list(category="calls")[0].count) >= 1
    call.delete()
    refused(call.fetch, 404, 20404)

    broken = client.calls.create(to=around.phone, from_="+15550100", url=f"{around.hook}/broken")
    until(lambda: client.calls(broken.sid).fetch().status, lambda status: status == "completed")
    noted = until(client.calls(broken.sid).notifications.list, bool)
    assert noted[0].error_code == "12100"
    assert client.notifications(noted[0].sid).fetch().call_sid == broken.sid


def rooms(around: Surroundings) -> None:
    """Conferences and queues."""
    client = around.client()
    for label in ("ann", "bob"):
        client.conferences("Weekly").participants.create(from_="+15550100", to=around.phone, label=label, beep="false")
    (room,) = until(lambda: client.conferences.list(friendly_name="Weekly", status="in-progress"), bool)
    weekly = client.conferences(room.sid)
    until(lambda: {each.status for each in weekly.participants.list()}, lambda statuses: statuses == {"connected"})
    assert weekly.participants("ann").update(muted=True).muted is True
    assert [each.label for each in weekly.participants.list(muted=True)] == ["ann"]
    assert weekly.participants("bob").update(hold=True, hold_url=f"{around.hook}/tune").hold is True
    weekly.participants("bob").update(hold=False, announce_url=f"{around.hook}/tune")
    assert weekly.fetch().friendly_name == "Weekly"
    weekly.participants("ann").delete()
    assert weekly.update(status="completed").status == "completed"
    until(lambda: weekly.fetch().reason_conference_ended, lambda reason: reason == "conference-ended-via-api")
    assert weekly.participants.list() == []
    assert weekly.recordings.list() == []

    support = client.queues.create(friendly_name="Support", max_size=3)
    waiting = client.calls.create(
        to=around.phone, from_="+15550100", twiml="<Response><Enqueue waitUrl=''>Support</Enqueue></Response>"
    )
    queue = client.queues(support.sid)
    (member,) = until(queue.members.list, bool)
    assert (member.call_sid, member.position) == (waiting.sid, 1)
    assert queue.fetch().current_size == 1
    refused(queue.delete, 400, 20009)
    assert queue.members("Front").update(url=f"{around.hook}/menu").call_sid == waiting.sid
    until(lambda: client.calls(waiting.sid).fetch().status, lambda status: status == "completed")
    assert queue.update(friendly_name="Help").friendly_name == "Help"
    queue.delete()
    refused(queue.fetch, 404, 20404)


STEPS = (accounts, numbers, sip, calls, rooms)
