"""The certificate of encrypted signalling: checked, and put in place as a whole, at the start and whenever it is renewed."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from voice.errors import SettingsInvalid


class Certificate:
    """A certificate and its key, copied into one file of ours, so that no connection finds one without the other."""

    def __init__(self, certificate: str, private_key: str, folder: Path) -> None:
        self._certificate, self._private_key = Path(certificate), Path(private_key or certificate)
        self.path = folder / "tls.pem"
        """Both of them, readable for us alone."""

    def install(self) -> None:
        """Take what the settings name. Raises SettingsInvalid, and leaves the last one in place."""
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._certificate, self._private_key, password="")
        except ssl.SSLError as error:
            why = error.reason or "they cannot be read"
            raise SettingsInvalid(f"sip.tls_certificate {self._certificate} with {self._private_key}: {why}") from None
        except OSError as error:
            raise SettingsInvalid(f"sip.tls_certificate {self._certificate} with {self._private_key}: {error.strerror}") from None
        both = self._certificate.read_bytes() + b"\n"
        if self._private_key != self._certificate:
            both += self._private_key.read_bytes()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(both)
        fresh.replace(self.path)
