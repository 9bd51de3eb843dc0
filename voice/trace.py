"""A call's journal as people read it: one line an entry, SIP and webhooks as arrows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter

from voice.journal import Entry, Value

LONGEST_NAME = 60
"""Characters shown of what is played."""

Data = Mapping[str, Value]


def render(entries: Iterable[Entry], *, full: bool = False) -> Iterator[str]:
    """Lines for a terminal, by time; ``full`` adds the text of each SIP message and document below its line."""
    for entry in sorted(entries, key=attrgetter("at")):
        describe = _KINDS.get(entry.kind, _other)
        yield f"{entry.at:9.3f}  {describe(entry.data) if describe is not _other else f'{entry.kind} {_other(entry.data)}'}"
        if full:
            text = entry.data.get("text") or entry.data.get("body") or ""
            yield from (f"{'':11}│ {line}" for line in str(text).splitlines())


def _sip(data: Data) -> str:
    first = str(data.get("text", "")).split("\n", 1)[0].strip()
    arrow = "──▶" if data.get("direction") == "in" else "◀──"
    return f"{data.get('peer', ''):>21} {arrow} SIP   {first}"


def _request(data: Data) -> str:
    return f"{'':>21}     HTTP ──▶ {data.get('method')} {data.get('url')}"


def _response(data: Data) -> str:
    milliseconds = float(str(data.get("seconds") or 0)) * 1000
    outcome = data.get("error") or f"{data.get('status')} {data.get('content_type') or ''}".strip()
    return f"{'':>21}     HTTP ◀── {outcome} in {milliseconds:.0f} ms"


def _verb(data: Data) -> str:
    attributes = data.get("attributes")
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items()) if isinstance(attributes, dict) else ""
    return f"<{data.get('name')}{' ' + written if written else ''}>"


def _left(data: Data) -> str:
    outcome = data.get("outcome")
    return f"</{data.get('name')}>{f' {outcome}' if outcome else ''}"


def _digit(data: Data) -> str:
    return f"digit {data.get('digit')}{' (in band)' if data.get('inband') else ''}"


def _report(data: Data) -> str:
    url = data.get("url")
    return f"{str(data.get('level')).upper()} {data.get('code')}: {data.get('message')}{f' ({url})' if url else ''}"


def _status(data: Data) -> str:
    return f"call is {data.get('status')}"


def _ended(data: Data) -> str:
    side = "the far end" if data.get("by_peer") else "us"
    return f"leg ended by {side}: {data.get('code')} {data.get('reason')}"


def _playing(data: Data) -> str:
    return f"♪ {_short(data.get('what'))}"


def _played(data: Data) -> str:
    error = data.get("error")
    return f"♪ over: {_short(data.get('what'))}{f' ({error})' if error else ''}"


def _short(value: Value) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _dial(data: Data) -> str:
    return f"dialling {data.get('to')} as {data.get('call_sid')}"


def _joined(data: Data) -> str:
    return f"connected with {data.get('call_sid')}"


def _recording(data: Data) -> str:
    seconds = data.get("seconds")
    length = "" if seconds is None else f", {float(str(seconds)):.1f} s"
    return f"● recording {data.get('sid')} is {data.get('status')}{length}"


def _voice(data: Data) -> str:
    return "voice" if data.get("active") else "silence"


def _other(data: Data) -> str:
    return " ".join(f"{name}={value}" for name, value in data.items())


_KINDS: dict[str, Callable[[Data], str]] = {
    "sip": _sip,
    "request": _request,
    "response": _response,
    "verb": _verb,
    "left": _left,
    "digit": _digit,
    "report": _report,
    "status": _status,
    "ended": _ended,
    "playing": _playing,
    "played": _played,
    "dial": _dial,
    "joined": _joined,
    "recording": _recording,
    "voice": _voice,
}
