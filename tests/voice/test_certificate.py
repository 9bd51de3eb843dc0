"""Certificates: that of development, and the two ports of the HTTP side."""

from __future__ import annotations

import datetime
import os
import ssl
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.ports import free_port
from voice.certificate import Certificate, MadeCertificate
from voice.settings import Http
from voice.web.listeners import Listeners


def _names(path: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(path.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def test_one_for_development_is_made_once_for_the_names_of_this_machine(tmp_path: Path) -> None:
    made = MadeCertificate(tmp_path / "data/https.pem", ["10.0.0.7", "pbx.example.com"])
    made.install()
    assert {"localhost", "127.0.0.1", "::1", "10.0.0.7", "pbx.example.com"} <= _names(made.path)
    assert made.path.stat().st_mode & 0o777 == 0o600
    first = made.path.read_bytes()
    MadeCertificate(made.path, ["pbx.example.com", "10.0.0.7"]).install()
    assert made.path.read_bytes() == first
    MadeCertificate(made.path, ["other.example.com"]).install()
    assert "other.example.com" in _names(made.path)


@pytest.mark.parametrize("there", [b"", b"nonsense", None])
def test_what_is_no_certificate_is_replaced(tmp_path: Path, there: bytes | None) -> None:
    path = tmp_path / "https.pem"
    if there is not None:
        path.write_bytes(there)
    MadeCertificate(path, []).install()
    assert "localhost" in _names(path)


def test_one_that_ends_soon_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "https.pem"
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5)
    names = ["localhost", "127.0.0.1", "::1", os.uname().nodename]
    leaf = trustme.CA().issue_cert(*names, not_after=soon)
    leaf.private_key_and_cert_chain_pem.write_to_path(path)
    before = path.read_bytes()
    MadeCertificate(path, []).install()
    assert path.read_bytes() != before


def test_both_ports_have_to_differ() -> None:
    with pytest.raises(ValidationError, match="tls_port"):
        Http(port=8080, tls_port=8080)


async def test_one_application_on_two_ports_and_a_new_certificate_on_the_fly(tmp_path: Path) -> None:
    async def hello(request: Request) -> Response:
        return PlainTextResponse(request.url.scheme)

    authority = trustme.CA()
    for name in ("first", "second"):
        authority.issue_cert("127.0.0.1", common_name=name).private_key_and_cert_chain_pem.write_to_path(tmp_path / f"{name}.pem")
    current = tmp_path / "current.pem"
    current.write_bytes((tmp_path / "first.pem").read_bytes())
    certificate = Certificate(str(current), "", tmp_path / "https.pem", "http")
    certificate.install()
    http = Http(port=free_port(), tls_port=free_port(), tls_certificate=str(current))
    listeners = Listeners(Starlette(routes=[Route("/", hello)]), http, certificate)
    listeners.renew()
    await listeners.start()
    try:
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        for expected in ("first", "second"):
            async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
                assert (await client.get(f"http://127.0.0.1:{http.port}/")).text == "http"
                async with client.stream("GET", f"https://127.0.0.1:{http.tls_port}/") as answer:
                    shown = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert()
                    assert await answer.aread() == b"https"
                assert expected in str(shown["subject"])
            current.write_bytes((tmp_path / "second.pem").read_bytes())
            certificate.install()
            listeners.renew()
    finally:
        await listeners.stop()


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    http = Http(port=free_port())
    first = Listeners(Starlette(), http, None)
    await first.start()
    try:
        with pytest.raises(OSError, match=str(http.port)):
            await Listeners(Starlette(), http, None).start()
    finally:
        await first.stop()
