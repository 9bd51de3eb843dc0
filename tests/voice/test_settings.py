from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from voice.accounts.account import open_account
from voice.errors import SettingsInvalid
from voice.settings import (
    Account,
    Http,
    PaymentConnector,
    Settings,
    Sip,
    SipDomain,
    Trunk,
    Webhooks,
    console_address,
    load_settings,
    local_address,
    public_address,
)

EVERYTHING = """
data_dir = "somewhere"
database_url = ""
[account]
sid = "AC00000000000000000000000000000001"
auth_token = "secret"
[sip]
bind = "127.0.0.1"
port = 5060
tls_port = 0
tls_certificate = ""
tls_private_key = ""
external_address = ["203.0.113.7", "2001:db8::7"]
media_address = "203.0.113.8"
local_net = ["10.0.0.0/8", "fd00::/8"]
rtp_ports = [20000, 29999]
srtp = "optional"
codecs = ["opus", "G722", "PCMU", "PCMA"]
[http]
bind = "127.0.0.1"
port = 8080
public_url = ""
[media]
sample_rate = 8000
[speech]
tts = "espeak"
asr = "pocketsphinx"
[[recognizer]]
name = "german"
engine = "vosk"
model = "/models/vosk-de"
languages = ["de"]
processes = 2
[[recognizer]]
name = "server"
engine = "http"
url = "http://127.0.0.1:9001"
api_key = "secret"
speech_models = ["deepgram_nova-3"]
[webhooks]
allow_private_networks = true
[limits]
max_calls = 500
calls_per_second = 100
call_seconds = 14400
[dial]
allowed_prefixes = ["+"]
default_caller_id = ""
[[number]]
phone_number = "+15550100"
voice_url = "http://127.0.0.1:9000/voice"
voice_method = "POST"
voice_fallback_url = ""
status_callback = ""
[[trunk]]
name = "carrier"
uri = "sip:127.0.0.1:5080"
username = ""
password = ""
register = false
prefixes = ["+"]
[[sip_domain]]
domain = "phones.example.com"
voice_url = "http://127.0.0.1:9000/domain"
users = { alice = "alice-password", bob = "bob-password" }
"""


def test_every_documented_key_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "strowger.toml"
    file.write_text(EVERYTHING)
    settings = load_settings(file)
    assert settings.sip.rtp_ports == (20000, 29999)
    assert settings.number[0].voice_url == "http://127.0.0.1:9000/voice"
    assert settings.trunk[0].prefixes == ("+",)
    assert settings.sip_domain[0].users["bob"] == "bob-password"


def test_the_environment_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "strowger.toml"
    file.write_text("[sip]\nport = 5060\nbind = '10.0.0.1'\n")
    monkeypatch.setenv("STROWGER_SIP__PORT", "5070")
    monkeypatch.setenv("STROWGER_SIP__EXTERNAL_ADDRESS", "203.0.113.7, 2001:db8::7")
    settings = load_settings(file)
    assert (settings.sip.port, settings.sip.bind) == (5070, ("10.0.0.1",))
    assert settings.sip.external_address == ("203.0.113.7", "2001:db8::7")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[sip]\nprot = 5060\n", "sip.prot"),
        ("[sip]\nport = 70000\n", "sip.port"),
        ("nonsense = 1\n", "nonsense"),
        ("[[number]]\nphone_number = 'alice'\nvoice_url = 'http://a/'\n", "number.0.phone_number"),
        ("[sip\n", "strowger.toml"),
        ("[sip]\nbind = ['0.0.0.0', '127.0.0.1']\n", "more than one address of a family"),
        ("[sip]\nbind = []\n", "sip.bind"),
        ("[sip]\nbind = 'switch.example.com'\n", "is no IP address"),
        ("[sip]\nmedia_address = 'switch.example.com'\n", "is no IP address"),
        ("[sip]\nlocal_net = ['10.0.0.1/8']\n", "sip.local_net"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "strowger.toml"
    file.write_text(text)
    with pytest.raises(SettingsInvalid, match=complaint):
        load_settings(file)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no such file"):
        load_settings(tmp_path / "absent.toml")


def test_an_account_is_made_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    account, made = open_account(settings)
    assert made
    assert open_account(settings) == (account, False)
    assert (tmp_path / "data" / "account.json").stat().st_mode & 0o777 == 0o600


def test_a_configured_account_is_used_as_it_is(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, account=Account(sid="AC" + "1" * 32, auth_token="secret"))
    account, made = open_account(settings)
    assert (account.sid, account.auth_token, made) == ("AC" + "1" * 32, "secret", False)
    assert not (tmp_path / "account.json").exists()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({}, "neither uri nor targets"),
        ({"uri": "sip:h", "register": True}, "without a username"),
        ({"uri": "sip:h", "rewrite": [["(", "0"]]}, "unterminated"),
        ({"uri": "sip:h", "rewrite": [["0", "\\3"]]}, "invalid group"),
        ({"uri": "sip:h", "rewrite": [["(0+)+1", "0"]]}, "repeats what is repeated"),
        ({"uri": "sip:h", "inbound_rewrite": [["0" * 200, "0"]]}, "128 characters"),
        ({"uri": "sip:h", "inbound_rewrite": [["0", "1"]] * 65}, "64 items"),
        ({"uri": "sip:user@h"}, "pattern"),
    ],
)
def test_trunks_that_cannot_work_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Trunk(name="t", **wrong)


@pytest.mark.parametrize(
    ("url", "private", "accepted"),
    [
        ("https://pay.example/", False, True),
        ("http://pay.example/", True, False),
        ("http://127.0.0.1:9100/", True, True),
        ("http://[::1]:9100/", True, True),
        ("http://connector/", True, True),
        ("http://10.1.2.3/", False, False),
        ("http://8.8.8.8/", True, False),
        ("ftp://10.1.2.3/", True, False),
        ("https://", True, False),
    ],
)
def test_card_numbers_go_encrypted_or_not_far(url: str, private: bool, accepted: bool) -> None:
    def make() -> Settings:
        return Settings(webhooks=Webhooks(allow_private_networks=private), payment_connector=(PaymentConnector(url=url),))

    if accepted:
        assert make().payment_connector[0].name == "Default"
    else:
        with pytest.raises(ValidationError, match="Default"):
            make()


def test_two_connectors_need_two_names() -> None:
    with pytest.raises(ValidationError, match="same name"):
        Settings(payment_connector=(PaymentConnector(url="https://a.example"), PaymentConnector(url="https://b.example")))


@pytest.mark.parametrize(
    ("tables", "complaint"),
    [
        ('[speech]\nasr = "german"', "speech.asr: there is no .*recognizer.* named 'german'"),
        ('[[recognizer]]\nname = "german"\nengine = "vosk"', "the engine 'vosk' needs model"),
        ('[[recognizer]]\nname = "server"\nengine = "http"\nmodel = "x"', "the engine 'http' needs url"),
        ('[[recognizer]]\nname = "pocketsphinx"\nengine = "vosk"\nmodel = "x"', "has that of the built-in pocketsphinx"),
        ('[[recognizer]]\nname = "a"\nengine = "magic"', "recognizer.0.engine"),
    ],
)
def test_a_recognizer_that_cannot_be_is_refused(tmp_path: Path, tables: str, complaint: str) -> None:
    config = tmp_path / "strowger.toml"
    config.write_text(tables)
    with pytest.raises(SettingsInvalid, match=complaint):
        load_settings(config)


def test_a_port_for_tls_needs_a_certificate() -> None:
    with pytest.raises(ValueError, match="tls_certificate"):
        Sip(tls_port=5061)


@pytest.mark.parametrize("sip", [{}, {"tls_port": 5061, "tls_certificate": "cert.pem", "srtp": "off"}])
def test_a_domain_cannot_ask_for_encryption_that_there_is_not(sip: dict[str, Any]) -> None:
    domain = SipDomain(domain="example.com", secure=True)
    with pytest.raises(ValueError, match="is secure"):
        Settings(sip=Sip(**sip), sip_domain=(domain,))
    encrypted = Sip(tls_port=5061, tls_certificate="cert.pem")
    assert Settings(sip=encrypted, sip_domain=(domain,)).sip_domain == (domain,)


@pytest.mark.parametrize(
    ("bind", "address"),
    [("0.0.0.0", "http://127.0.0.1:8080"), ("::", "http://[::1]:8080"), ("::1", "http://[::1]:8080")],
)
def test_the_switch_is_reached_from_here_whatever_it_is_bound_to(bind: str, address: str) -> None:
    settings = Settings(http=Http(bind=bind))
    assert local_address(settings) == public_address(settings) == address


@pytest.mark.parametrize(
    ("http", "address"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"bind": "0.0.0.0", "tls_port": 8443}, "https://127.0.0.1:8443"),
        ({"bind": "::1", "tls_port": 8443}, "https://[::1]:8443"),
        ({"tls_port": 8443, "public_url": "https://pbx.example.com/"}, "https://pbx.example.com"),
    ],
)
def test_the_console_is_opened_encrypted_where_it_can_be(http: dict[str, Any], address: str) -> None:
    assert console_address(Settings(http=Http(**http))) == address
