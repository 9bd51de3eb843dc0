"""The commands that ask customers for something: documents, audio ahead of time, and requests whose answer nobody reads."""

from __future__ import annotations

from functools import partial

from markup import commands, events
from markup.document import DocumentError
from voice.calls.session import Session
from voice.recording.recording import Recording
from voice.story.journal import Journal
from voice.web.documents import is_audio, read_document
from voice.web.parameters import standard_parameters, without_secrets
from voice.web.webhook import Attempt, Pairs, Request, WebhookFailure


def fetch_document(session: Session, command: commands.FetchDocument) -> None:
    """Request a document and parse it."""
    session.spawn(command.id, _fetch(session, command))


def prefetch(session: Session, command: commands.PrefetchMedia) -> None:
    """Begin to fetch audio that will be played soon."""
    session.resources.studio.library.prefetch(command.urls)


def notify(session: Session, command: commands.Notify) -> None:
    """Request a URL in the order of the call's other callbacks, once it is known what there is to tell."""
    tell = session.parting.get(command.about) if command.about is not None else None
    pairs = [*standard_parameters(session.call), *command.parameters, *(tell() if tell is not None else ())]
    resources, key = session.resources, session.call.sid

    def send(recording: Recording | None = None) -> None:
        more = resources.recordings.parameters(recording) if recording is not None else ()
        resources.callbacks.send(key, command.url, command.method, [*pairs, *more], journal=session.call.journal)

    take = session.takes.get(command.recording) if command.recording is not None else None
    if take is None:
        send()
    else:
        take.when_ended(send)


async def _fetch(session: Session, command: commands.FetchDocument) -> None:
    leg = session.legs.get(command.leg) if command.leg is not None else None
    call, resources = leg.line.call if leg is not None else session.call, session.resources
    journal = call.journal
    request = Request(
        command.url,
        command.method,
        (*standard_parameters(call), *session.parameters(), *command.parameters),
        session.cookies,
        account_sid=call.account_sid,
        unread=is_audio,
        starting=partial(_write_request, journal),
        ended=partial(_write_response, journal),
    )
    began = resources.now()
    try:
        response = await resources.webhooks.fetch(request)
        document = read_document(response)
    except WebhookFailure as failure:
        resources.metrics.webhook_seconds.labels(outcome="failed").observe(resources.now() - began)
        session.finish(command.id, events.FetchFailed(command.id, failure.code, command.url, str(failure)))
    except DocumentError as error:
        resources.metrics.webhook_seconds.labels(outcome="unreadable").observe(resources.now() - began)
        message = f"line {error.line}, column {error.column}: {error}"
        session.finish(command.id, events.FetchFailed(command.id, error.code, command.url, message))
    else:
        resources.metrics.webhook_seconds.labels(outcome="ok").observe(resources.now() - began)
        session.documents += 1
        session.finish(command.id, events.DocumentFetched(command.id, response.url, document))


def _write_request(journal: Journal, method: str, url: str, pairs: Pairs) -> None:
    journal.add("request", method=method, url=url, parameters=without_secrets(pairs))


def _write_response(journal: Journal, attempt: Attempt) -> None:
    journal.add(
        "response",
        url=attempt.url,
        status=attempt.status,
        content_type=attempt.content_type,
        seconds=round(attempt.seconds, 4),
        error=attempt.error,
        body=attempt.body.decode(errors="replace"),
    )
