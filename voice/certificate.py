"""Certificates: checked, and put in place as a whole, at the start and whenever they are renewed; or made, for development."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from voice.errors import SettingsInvalid

MADE_DAYS = 397
"""Browsers take no certificate that is good for longer."""
LEFT_DAYS = 30
"""A made one that is good for less is made anew."""


class Certificate:
    """A certificate and its key, copied into one file of ours, so that no connection finds one without the other.

    ``section`` is that of the settings which name them.
    """

    def __init__(self, certificate: str, private_key: str, path: Path, section: str = "sip") -> None:
        self._certificate, self._private_key = Path(certificate), Path(private_key or certificate)
        self._section = section
        self.path = path
        """Both of them, readable for us alone."""

    def install(self) -> None:
        """Take what the settings name. Raises SettingsInvalid, and leaves the last one in place."""
        named = f"{self._section}.tls_certificate {self._certificate} with {self._private_key}"
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._certificate, self._private_key, password="")
        except ssl.SSLError as error:
            raise SettingsInvalid(f"{named}: {error.reason or 'they cannot be read'}") from None
        except OSError as error:
            raise SettingsInvalid(f"{named}: {error.strerror}") from None
        both = self._certificate.read_bytes() + b"\n"
        if self._private_key != self._certificate:
            both += self._private_key.read_bytes()
        _write(self.path, both)


class MadeCertificate(Certificate):
    """One that vouches for itself, for the names of this machine: browsers warn of it once, then everything works."""

    def __init__(self, path: Path, names: Iterable[str]) -> None:
        super().__init__(str(path), "", path)
        self._names = tuple(dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), *names]))

    def install(self) -> None:
        """Keep the one that is there, as long as it is good."""
        if not self._is_good():
            _write(self.path, _make(self._names))

    def _is_good(self) -> bool:
        try:
            found = x509.load_pem_x509_certificate(self.path.read_bytes())
            names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, x509.ExtensionNotFound):
            return False
        enough = found.not_valid_after_utc > datetime.now(UTC) + timedelta(days=LEFT_DAYS)
        return enough and set(names) == set(map(_name, self._names))


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _make(names: tuple[str, ...]) -> bytes:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Strowger on this machine")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=MADE_DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM) + secret


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)
