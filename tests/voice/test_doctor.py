"""What the doctor finds, on real sockets and files."""

from __future__ import annotations

import datetime
import socket
from pathlib import Path

import pytest
import trustme

from tests.ports import free_port
from voice.doctor import examine, owner_of, taken_ports
from voice.settings import Http, Number, Settings, Sip


def settings(folder: Path, **sip: object) -> Settings:
    return Settings(data_dir=folder, sip=Sip(**{"port": free_port(), **sip}), http=Http(port=free_port()))


def said(wanted: Settings, grade: str) -> str:
    return "\n".join(finding.said for finding in examine(wanted) if finding.grade == grade)


def test_a_taken_port_is_found_with_who_has_it(tmp_path: Path) -> None:
    wanted = settings(tmp_path)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", wanted.sip.port))
        assert f"udp port {wanted.sip.port} of 127.0.0.1 cannot be had: Address already in use; " in said(wanted, "bad")
        assert owner_of("udp", wanted.sip.port) in Path("/proc/self/cmdline").read_bytes().replace(b"\0", b" ").decode()
    assert "cannot be had" not in said(wanted, "bad")


def test_a_port_of_tls_that_is_taken_is_told_at_the_start(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        wanted = settings(tmp_path, tls_port=port, tls_certificate="certificate.pem")
        assert f"tcp port {port} is held by {owner_of('tcp', port)}" in list(taken_ports(wanted))


def test_who_has_a_port_of_the_audio_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        wanted = settings(tmp_path, rtp_ports=(port, port + 1))
        assert f"some are taken: {owner_of('udp', port)} has {port}" in said(wanted, "doubt")
    assert f" has {port}" not in said(wanted, "doubt")


@pytest.mark.parametrize(
    ("sip", "grade", "words"),
    [
        ({}, "doubt", "only this machine can call"),
        ({"bind": "0.0.0.0", "external_address": "203.0.113.7"}, "good", "send audio to 203.0.113.7"),
        ({"bind": "0.0.0.0", "external_address": "10.0.0.5"}, "doubt", "which is private: set [sip] external_address"),
        (
            {"bind": "0.0.0.0", "external_address": "nowhere.invalid"},
            "bad",
            "'nowhere.invalid', which callers are told, has no address",
        ),
    ],
)
def test_the_address_that_callers_are_told_is_judged(tmp_path: Path, sip: dict[str, str], grade: str, words: str) -> None:
    assert words in said(settings(tmp_path, **sip), grade)


@pytest.mark.parametrize(
    ("days", "grade", "words"), [(-1, "bad", "has expired"), (5, "doubt", "valid until"), (90, "good", "valid until")]
)
def test_a_certificate_is_judged_by_its_time(tmp_path: Path, days: int, grade: str, words: str) -> None:
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days, hours=1)
    leaf = trustme.CA().issue_cert("sip.example.com", not_before=until - datetime.timedelta(days=365), not_after=until)
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    wanted = settings(tmp_path, tls_port=free_port(), tls_certificate=str(tmp_path / "both.pem"))
    assert words in said(wanted, grade)


def test_a_webhook_that_nobody_serves_is_found(tmp_path: Path) -> None:
    wanted = settings(tmp_path).model_copy(
        update={"number": (Number(phone_number="+15550100", voice_url=f"http://127.0.0.1:{free_port()}/voice"),)}
    )
    assert "nobody answers at http://127.0.0.1:" in said(wanted, "bad")
