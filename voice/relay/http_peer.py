"""An agent behind HTTP: each message of the conversation is a POST, and the answer is what the agent has to say to it.

What is sent is what ConversationRelay sends (spec section 5.2), one JSON object with ``sessionId`` in each. The answer is a
message of an application, a list of them, or plain text, which is spoken; 204 or nothing is silence.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

from voice.web.peer import IN_GOOD_ORDER, SocketFailure
from voice.web.signature import with_body_hash
from voice.web.webhook import Request, Response, WebhookClient, WebhookFailure


class HttpPeer:
    """See Channel. There is no connection: it is open until it is closed here, or a request fails."""

    def __init__(self, client: WebhookClient, url: str, account_sid: str) -> None:
        self._client = client
        self._url = url
        self._account_sid = account_sid
        self._session_id = ""
        self._answers: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, text: str) -> None:
        """See Channel."""
        message = json.loads(text)
        self._session_id = message.get("sessionId", self._session_id)
        content = json.dumps({**message, "sessionId": self._session_id}, ensure_ascii=False).encode()
        request = Request(
            with_body_hash(self._url, content),
            content=content,
            content_type="application/json",
            account_sid=self._account_sid,
            follow=False,
        )
        try:
            response = await self._client.fetch(request)
        except WebhookFailure as failure:
            raise SocketFailure("broken", f"the agent does not answer: {failure}") from None
        for answer in _answers(response):
            self._answers.put_nowait(answer)

    async def receive(self) -> str | bytes | None:
        """See Channel."""
        return await self._answers.get()

    async def close(self, code: int = IN_GOOD_ORDER) -> None:
        """See Channel."""
        self.abort()

    def abort(self) -> None:
        """See Channel."""
        self._answers.put_nowait(None)


def _answers(response: Response) -> Iterator[str]:
    """The messages in an answer; one that is none is for the conversation to refuse."""
    text = response.body.decode(errors="replace")
    if response.status == 204 or not text.strip():
        return
    if response.content_type.partition(";")[0].strip().lower() == "text/plain":
        yield json.dumps({"type": "text", "token": text, "last": True})
        return
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        yield text
        return
    for each in content if isinstance(content, list) else [content]:
        yield json.dumps(each)
