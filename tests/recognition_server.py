"""A recogniser behind ``/v1/audio/transcriptions`` for tests: a real HTTP server that answers as it is told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Server:
    """What it is asked, and what it answers."""

    port: int = 0
    status: int = 200
    body: bytes = b'{"text": " Yes,  please. "}'
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def recognition_server() -> Iterator[Server]:
    """Serve on a free port."""
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.path, told.headers = self.path, dict(self.headers)
            content = self.rfile.read(int(self.headers["Content-Length"]))
            message = BytesParser().parsebytes(f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + content)
            for part in message.walk():
                if name := part.get_param("name", header="content-disposition"):
                    told.fields[str(name)] = bytes(part.get_payload(decode=True))
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nobody reads it."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = http.server_port
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield told
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
