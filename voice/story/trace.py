"""A call's journal as people read it: one line an entry, SIP and webhooks as arrows, the legs it dialled in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from voice.story.follower import MOST_LEGS, Line
from voice.story.journal import LEVELS, Entry, Value

LONGEST_NAME = 60
"""Characters shown of what is played."""

Data = Mapping[str, Value]


def origin(call_sid: str, read: Callable[[str], Iterable[Entry]]) -> str:
    """The call that a leg belongs to in the end; itself when nobody dialled it."""
    for _ in range(MOST_LEGS):
        parent = next((entry.data.get("call_sid") for entry in read(call_sid) if entry.kind == "parent"), None)
        if parent is None:
            break
        call_sid = str(parent)
    return call_sid


def render(lines: Iterable[Line], *, full: bool = False) -> Iterator[str]:
    """Lines for a terminal; ``full`` adds the text of each SIP message and document below its line."""
    for line in lines:
        if line.entry.kind == LEVELS:
            continue
        data = line.entry.data
        describe = _KINDS.get(line.entry.kind)
        told = describe(data) if describe is not None else f"{line.entry.kind} {_other(data)}"
        yield f"{line.at:9.3f} {line.leg or '':>2} {told}"
        if full:
            text = data.get("text") or data.get("body") or ""
            yield from (f"{'':13}│ {each}" for each in str(text).splitlines())


def _sip(data: Data) -> str:
    first = str(data.get("text", "")).split("\n", 1)[0].strip()
    arrow = "──▶" if data.get("direction") == "in" else "◀──"
    return f"{data.get('peer', ''):>21} {arrow} SIP   {first}"


def _page(data: Data) -> str:
    arrow = "──▶" if data.get("direction") == "in" else "◀──"
    return f"{data.get('peer', ''):>21} {arrow} PAGE  {data.get('name')}"


def _page_event(data: Data) -> str:
    told = data.get("told")
    facts = "".join(f" {name}={_short(value)}" for name, value in told.items()) if isinstance(told, dict) else ""
    return f"page {str(data.get('level')).lower()}: {data.get('group')} {data.get('name')}{facts}"


def _page_quality(data: Data) -> str:
    figures = " ".join(f"{name}={value}" for name, value in data.items() if name not in ("seconds", "codec"))
    return f"page heard {data.get('seconds')} s of {data.get('codec')}: {figures}"


def _request(data: Data) -> str:
    return f"{'':>21}     HTTP ──▶ {data.get('method')} {data.get('url')}"


def _response(data: Data) -> str:
    milliseconds = float(str(data.get("seconds") or 0)) * 1000
    return f"{'':>21}     HTTP ◀── {_outcome(data)} in {milliseconds:.0f} ms"


def _callback(data: Data) -> str:
    milliseconds = float(str(data.get("seconds") or 0)) * 1000
    return f"{'':>21}     HTTP ──▶ {data.get('method')} {data.get('url')}: {_outcome(data)} in {milliseconds:.0f} ms"


def _outcome(data: Data) -> str:
    return str(data.get("error") or f"{data.get('status')} {data.get('content_type') or ''}").strip()


def _api(data: Data) -> str:
    asked = f"{'':>21}     REST ──▶ {data.get('method')} {_path(data)}"
    milliseconds = float(str(data.get("seconds") or 0)) * 1000
    return f"{asked}: {data.get('status')} in {milliseconds:.0f} ms"


def _path(data: Data) -> str:
    return urlsplit(str(data.get("url"))).path


def _verb(data: Data) -> str:
    attributes = data.get("attributes")
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items()) if isinstance(attributes, dict) else ""
    return f"<{data.get('name')}{' ' + written if written else ''}>"


def _left(data: Data) -> str:
    outcome = data.get("outcome")
    return f"</{data.get('name')}>{f' {outcome}' if outcome else ''}"


def _digit(data: Data) -> str:
    return f"digit {data.get('digit', '(secret)')}{' (in band)' if data.get('inband') else ''}"


def _report(data: Data) -> str:
    url = data.get("url")
    return f"{str(data.get('level')).upper()} {data.get('code')}: {data.get('message')}{f' ({url})' if url else ''}"


def _status(data: Data) -> str:
    return f"call is {data.get('status')}"


def _ended(data: Data) -> str:
    side = "the far end" if data.get("by_peer") else "us"
    return f"leg ended by {side}: {data.get('code')} {data.get('reason')}"


def _quality(data: Data) -> str:
    heard = f"{data.get('received')} packets in, {data.get('sent')} out, {100 * float(str(data.get('loss') or 0)):.1f} % lost"
    lately = f"; lately {data.get('recent_received')} in, MOS {data.get('recent_mos')}" if "recent_mos" in data else ""
    return f"audio {data.get('codec')}: {heard}, jitter {data.get('jitter_ms')} ms, MOS {data.get('mos')}{lately}"


def _failed(data: Data) -> str:
    return f"{data.get('code')} {data.get('reason')}: the next address is tried"


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


def _parent(data: Data) -> str:
    return f"leg of {data.get('call_sid')}"


def _joined(data: Data) -> str:
    return f"connected with {data.get('call_sid')}"


def _conference(data: Data) -> str:
    return f"conference {_short(data.get('name'))} ({data.get('conference_sid')}): {data.get('event')}"


def _queue(data: Data) -> str:
    return f"queue {_short(data.get('name'))} ({data.get('queue_sid')}): {data.get('event')}"


def _stream(data: Data) -> str:
    event, sid = data.get("event"), data.get("sid")
    if event in ("mark", "clear"):
        name = f" {_short(data.get('name'))}" if data.get("name") is not None else ""
        return f"stream {sid}: {event}{name}, heard {data.get('heard')} of {data.get('of')} ms"
    told = data.get("url") or data.get("error") or ""
    lost = f" ({data.get('dropped')} frames dropped)" if data.get("dropped") else ""
    return f"stream {sid}: {event} {told}".rstrip() + lost


def _transcription(data: Data) -> str:
    text, track = data.get("transcript"), data.get("track")
    if text is not None:
        return f"“{_short(text)}” in the {str(track).replace('_', ' ')}{'' if data.get('final') else ', so far'}"
    return f"{str(data.get('event')).replace('-', ' ')} {data.get('error') or data.get('recognizer') or ''}".rstrip()


def _relay(data: Data) -> str:
    event, text = data.get("event"), data.get("text")
    match event:
        case "prompt":
            return f"“{_short(text)}” is told to the application"
        case "spoken":
            return f"the application says: {_short(text)}"
        case "interrupt":
            return f"the application is interrupted after {data.get('milliseconds')} ms: {_short(text)}"
        case "over":
            code = f" {data.get('code')} {data.get('error')}" if data.get("code") else ""
            return f"conversation is over: {data.get('status')}{code}"
    return f"conversation {data.get('sid')}: {event} {data.get('url') or ''}".rstrip()


def _recording(data: Data) -> str:
    seconds = data.get("seconds")
    length = "" if seconds is None else f", {float(str(seconds)):.1f} s"
    return f"● recording {data.get('sid')} is {data.get('status')}{length}"


def _waiting(data: Data) -> str:
    return "♪ waits" if data.get("on") else "♪ goes on"


def _voice(data: Data) -> str:
    return "voice" if data.get("active") else "silence"


def _words(data: Data) -> str:
    return f"… {_short(data.get('text'))}"


def _speech(data: Data) -> str:
    confidence = data.get("confidence")
    sure = "" if confidence is None else f", confidence {float(str(confidence)):.2f}"
    return (
        f"“{_short(data.get('text'))}” understood by {data.get('recognizer')}{sure}" if data.get("text") else "nothing understood"
    )


def _payment(data: Data) -> str:
    code, milliseconds = data.get("code"), float(str(data.get("seconds") or 0)) * 1000
    outcome = f"{code} {data.get('outcome')}" if code else data.get("outcome")
    return f"{data.get('method')} by {data.get('connector')}: {outcome} in {milliseconds:.0f} ms"


def _assisted_payment(data: Data) -> str:
    return f"payment {data.get('sid')}: {data.get('event')}"


def _detection(data: Data) -> str:
    limits = ", ".join(f"{name} {_seconds(data.get(name))}" for name in ("speech", "speech_end", "silence", "timeout"))
    return f"machine detection begins: {data.get('mode')}, {limits}"


def _sounds(data: Data) -> str:
    levels = [float(level) for level in str(data.get("levels", "")).split()]
    bars = "".join(_BARS[min(max(int((level - _FAINT) / _STEP), 0), len(_BARS) - 1)] for level in levels)
    tones = data.get("tones")
    heard = f"{_seconds(data.get('milliseconds')):>7} {bars:<10} {data.get('kinds', ''):<10}"
    told = f"{min(levels, default=0):.0f} to {max(levels, default=0):.0f} dB, speech above {data.get('limit')}"
    return f"{heard} {told}{f', tone {tones}' if tones else ''}"


def _answered_by(data: Data) -> str:
    reasons = data.get("reasons")
    why = ", ".join(reasons) if isinstance(reasons, list) else ""
    return f"answered by {data.get('answered_by')}, known after {_seconds(data.get('milliseconds'))}: {why}"


def _seconds(milliseconds: Value) -> str:
    return f"{float(str(milliseconds or 0)) / 1000:.1f} s"


_BARS = "▁▂▃▄▅▆▇█"
_FAINT, _STEP = -60.0, 6.0
"""dBov of the lowest bar's foot, and dB per bar."""


def _other(data: Data) -> str:
    return " ".join(f"{name}={value}" for name, value in data.items())


_KINDS: dict[str, Callable[[Data], str]] = {
    "sip": _sip,
    "page": _page,
    "page-event": _page_event,
    "page-quality": _page_quality,
    "request": _request,
    "response": _response,
    "callback": _callback,
    "api": _api,
    "verb": _verb,
    "left": _left,
    "digit": _digit,
    "report": _report,
    "status": _status,
    "ended": _ended,
    "quality": _quality,
    "failed": _failed,
    "playing": _playing,
    "played": _played,
    "waiting": _waiting,
    "dial": _dial,
    "parent": _parent,
    "joined": _joined,
    "conference": _conference,
    "queue": _queue,
    "stream": _stream,
    "transcription": _transcription,
    "recording": _recording,
    "relay": _relay,
    "voice": _voice,
    "words": _words,
    "speech": _speech,
    "payment": _payment,
    "assisted-payment": _assisted_payment,
    "detection": _detection,
    "sounds": _sounds,
    "answered-by": _answered_by,
}
