"""Encrypted signalling and media, with telephones that speak TLS and SRTP, and trunks that prove who they are or do not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import io
import signal
import ssl
import wave
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
import trustme

from tests.interop import baresip
from tests.interop.switch import SID, TOKEN, RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.sound import dominant
from tests.webhook import Webhook
from voice.certificate import MadeCertificate

NUMBER = "+15550100"
TONE = 450


@dataclass
class Secured:
    """A running switch and the authority that vouches for it."""

    switch: RunningSwitch
    port: int
    authority: trustme.CA
    folder: Path

    def context(self, client: trustme.LeafCert | None = None) -> ssl.SSLContext:
        """Of somebody who connects."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        if client is not None:
            client.configure_cert(context)
        return context

    async def serial(self, context: ssl.SSLContext) -> str:
        """Connect and read the number of the certificate that is shown; raises ssl.SSLError or OSError."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        shown = writer.get_extra_info("peercert")["serialNumber"]
        writer.write(b"\r\n\r\n")
        await writer.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                assert await reader.read(1), "the connection was closed"
        writer.close()
        return str(shown)


def install(leaf: trustme.LeafCert, folder: Path) -> None:
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "certificate.pem").write_bytes(b"".join(each.bytes() for each in leaf.cert_chain_pems))


@contextlib.asynccontextmanager
async def secured(folder: Path, webhook: Webhook, more: str = "", tables: str = "") -> AsyncIterator[Secured]:
    authority = trustme.CA()
    install(authority.issue_cert("127.0.0.1", "localhost"), folder)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    port = free_port()
    sip = f'tls_port = {port}\ntls_certificate = "{folder}/certificate.pem"\ntls_private_key = "{folder}/key.pem"\n{more}'
    async with running_switch(folder, {NUMBER: webhook.url("/voice")}, tables, sip=sip) as switch:
        yield Secured(switch, port, authority, folder)


async def recording(switch: RunningSwitch, form: Mapping[str, str]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """What a caller was heard to say, int16 at 8 kHz, of which a webhook has been told."""
    answer = await switch.client.get(form["RecordingUrl"], auth=(SID, TOKEN))
    with wave.open(io.BytesIO(answer.content)) as recorded:
        return np.frombuffer(recorded.readframes(recorded.getnframes()), np.int16)


@pytest.mark.parametrize("encryption", ["", ";mediaenc=srtp", ";mediaenc=srtp-mand", ";mediaenc=dtls_srtp"])
async def test_an_encrypted_call_is_heard_and_hears(tmp_path: Path, webhook: Webhook, encryption: str) -> None:
    webhook.answers["/voice"] = "<Record playBeep='false' maxLength='2' action='/next'/>"
    webhook.answers["/next"] = "<Say>One two three four five six seven.</Say><Pause length='9'/>"
    async with secured(tmp_path, webhook) as phone:
        uri = f"sip:{NUMBER}@127.0.0.1:{phone.port};transport=tls"
        heard = await baresip.call(uri, tmp_path / "baresip", 8, hertz=TONE, account=encryption)
        said = await recording(phone.switch, (await webhook.wait_for("/next")).form)
        assert dominant(said[4000:12000]) == TONE
        assert said.size > 8000  # the rest of its two seconds was silent, and cut off
        assert np.mean(np.abs(heard.astype(float)) > 1000) > 0.05


async def test_callers_that_vanish_amid_a_handshake_of_their_media_leave_nothing_behind(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Pause length='1'/>"
    async with secured(tmp_path, webhook) as phone:
        uri = f"sip:{NUMBER}@127.0.0.1:{phone.port};transport=tls"
        moments = enumerate((0.1, 0.2, 0.3, 0.4, 0.5, 0.7))
        await asyncio.gather(*(baresip.vanish(uri, tmp_path / f"{n}", seconds, ";mediaenc=dtls_srtp") for n, seconds in moments))
        await webhook.wait_for("/voice")
        await phone.switch.wait_until_idle()
        assert (await phone.switch.client.get("/readyz")).status_code == 200


async def test_plain_media_is_refused_where_encryption_is_required(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Play digits='1'/><Pause length='5'/>"
    async with secured(tmp_path, webhook, 'srtp = "required"') as phone:
        uri = f"sip:{NUMBER}@127.0.0.1:{phone.port};transport=tls"
        with pytest.raises(ValueError):  # noqa: PT011 - no recording was made
            await baresip.call(uri, tmp_path / "plain", 2)
        heard = await baresip.call(uri, tmp_path / "encrypted", 3, account=";mediaenc=srtp-mand")
        assert heard.size > 8000


async def test_a_renewed_certificate_counts_from_the_next_connection_on(tmp_path: Path, webhook: Webhook) -> None:
    async with secured(tmp_path, webhook) as phone:
        first = await phone.serial(phone.context())
        install(phone.authority.issue_cert("127.0.0.1"), tmp_path)
        assert await phone.serial(phone.context()) == first
        phone.switch.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(10):
            while (second := await phone.serial(phone.context())) == first:
                await asyncio.sleep(0.05)
        (tmp_path / "key.pem").write_text("nonsense")
        phone.switch.process.send_signal(signal.SIGHUP)
        await phone.switch.logged("the old certificate stays")
        assert await phone.serial(phone.context()) == second


async def test_who_connects_proves_who_it_is_where_that_is_asked(tmp_path: Path, webhook: Webhook) -> None:
    async with secured(tmp_path, webhook, f'tls_client_ca = "{tmp_path}/authority.pem"') as phone:
        await phone.serial(phone.context(phone.authority.issue_cert("phone.example.com")))
        for context in (phone.context(), phone.context(trustme.CA().issue_cert("phone.example.com"))):
            with pytest.raises((OSError, AssertionError)):
                await phone.serial(context)


async def test_old_protocols_are_not_spoken(tmp_path: Path, webhook: Webhook) -> None:
    async with secured(tmp_path, webhook) as phone:
        context = phone.context()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(OSError, match=r".*"):
            await phone.serial(context)


class Shown(Protocol):
    """A certificate that a server can show."""

    def configure_cert(self, context: ssl.SSLContext, /) -> None:
        """Show it."""


class SelfSigned:
    """A certificate for the right name that nobody but itself vouches for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        MadeCertificate(path, ["localhost"]).install()

    def configure_cert(self, context: ssl.SSLContext, /) -> None:
        """See Shown."""
        context.load_cert_chain(self._path)


@dataclass
class Carrier:
    """A trunk over TLS that takes no call; it shows a certificate."""

    leaf: Shown
    host: str = "127.0.0.1"
    port: int = 0
    invited: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.invited.append(head)
            kept = [line for line in head.split("\r\n") if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
            writer.write("\r\n".join(["SIP/2.0 486 Busy Here", *kept, "Content-Length: 0", "", ""]).encode())
            await writer.drain()
            await reader.read()
        writer.close()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Carrier]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.leaf.configure_cert(context)
        server = await asyncio.start_server(self.serve, self.host, 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self


LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("shown", "verify", "reached"),
    [
        ("good", True, True),
        ("expired", True, False),
        ("wrong name", True, False),
        ("stranger", True, False),
        ("self-signed", True, False),
        ("stranger", False, True),
    ],
)
async def test_a_trunk_proves_its_name(tmp_path: Path, webhook: Webhook, shown: str, verify: bool, reached: bool) -> None:
    webhook.answers["/voice"] = "<Dial action='/next'>+15550199</Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    authority = trustme.CA()
    made: dict[str, Callable[[], Shown]] = {
        "good": lambda: authority.issue_cert("localhost"),
        "expired": lambda: authority.issue_cert(
            "localhost", not_before=LONG_AGO, not_after=LONG_AGO + datetime.timedelta(days=9)
        ),
        "wrong name": lambda: authority.issue_cert("elsewhere.example.com"),
        "stranger": lambda: trustme.CA().issue_cert("localhost"),
        "self-signed": lambda: SelfSigned(tmp_path / "self-signed.pem"),
    }
    authority.cert_pem.write_to_path(tmp_path / "carriers.pem")
    async with Carrier(made[shown]()).running() as carrier:
        trunk = f'[[trunk]]\nname = "carrier"\nuri = "sips:localhost:{carrier.port}"\ntls_verify = {str(verify).lower()}'
        sip = f'tls_ca = "{tmp_path}/carriers.pem"'
        async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, trunk, sip=sip) as switch:
            await baresip.call(f"sip:{NUMBER}@{switch.address}", tmp_path / "baresip", 4)
            action = (await webhook.wait_for("/next")).form
            assert action["DialCallStatus"] == ("busy" if reached else "failed")
            assert bool(carrier.invited) is reached
            if reached:
                assert carrier.invited[0].startswith("INVITE sip:+15550199@localhost")
