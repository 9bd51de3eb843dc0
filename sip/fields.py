"""Values of header fields: lists, addresses and their parameters (RFC 3261 section 7.3.1 and 20.10). Pure and total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_QUOTED = r'"(?:\\.|[^"\\])*"'
_PARAMETER = re.compile(rf';\s*(?P<name>[^\s;="<>,]+)(?:\s*=\s*(?:(?P<quoted>{_QUOTED})|(?P<plain><[^>]*>|[^\s;",]*)))?')
_ADDRESS = re.compile(rf'\s*(?P<display>{_QUOTED}|[^<"]*?)\s*<(?P<uri>[^>]*)>(?P<rest>.*)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Address:
    """A name-addr with the parameters of its header field."""

    display: str
    uri: str
    parameters: tuple[tuple[str, str], ...] = ()
    """Names in lower case, values without quotes."""

    def parameter(self, name: str) -> str | None:
        """The value of a parameter: empty when it has none, None when it is not there."""
        return dict(self.parameters).get(name)


def split_list(value: str) -> list[str]:
    """The members of a list that is separated by commas; those in quotes and angle brackets separate nothing."""
    items, start, quoted, bracketed, escaped = [], 0, False, False, False
    for place, letter in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = letter == "\\"
            quoted = letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "<>":
            bracketed = letter == "<"
        elif letter == "," and not bracketed:
            items.append(value[start:place])
            start = place + 1
    return [item.strip() for item in [*items, value[start:]] if item.strip()]


def parse_address(value: str) -> Address:
    """Read a Contact, From, To, Path or Route value; without angle brackets the parameters are the header's."""
    found = _ADDRESS.match(value)
    if found is not None:
        return Address(unquote(found["display"].strip()), found["uri"].strip(), tuple(parse_parameters(found["rest"])))
    uri, _, rest = value.partition(";")
    return Address("", uri.strip(), tuple(parse_parameters(f";{rest}" if rest else "")))


def parse_parameters(text: str) -> Iterator[tuple[str, str]]:
    """The parameters in ``;name=value;name="value"``."""
    for found in _PARAMETER.finditer(text):
        value = unquote(found["quoted"]) if found["quoted"] else found["plain"] or ""
        yield found["name"].lower(), value


def unquote(text: str) -> str:
    """The content of a quoted string; anything else as it is (RFC 3261 section 25.1)."""
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def quote(text: str) -> str:
    """A quoted string that cannot be left."""
    clean = "".join(letter for letter in text if letter.isprintable())
    return '"{}"'.format(clean.replace("\\", "\\\\").replace('"', '\\"'))
