"""The ``strowger`` command."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer
import uvloop

from sip.endpoint import SipError
from voice.accounts.account import open_account
from voice.console.users import FIRST, first_password, hash_password
from voice.doctor import call_ourselves, examine, taken_ports
from voice.errors import SettingsInvalid
from voice.lint import lint
from voice.loading import loading
from voice.settings import Settings, console_address, load_settings, local_address
from voice.story.diagnosis import explain
from voice.story.follower import collect
from voice.story.journal import JournalFiles
from voice.story.logs import configure_logs
from voice.story.trace import origin, render
from voice.web.examination import examine as examine_signature

app = typer.Typer(help="A programmable voice softswitch: phones call it, your TwiML webhook answers.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option("--config", help="Configuration file; default strowger.toml here, if any.")]


def _settings(path: Path | None) -> Settings:
    try:
        return load_settings(path)
    except SettingsInvalid as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(f"strowger: {message}", err=True)
    raise typer.Exit(1)


@app.command()
def serve(config: Config = None, log_level: Annotated[str, typer.Option(help="debug, info, warning or error")] = "info") -> None:
    """Take calls until SIGTERM; a second SIGTERM hangs up on everyone."""
    with loading():
        from voice.server import Server  # pjsua2 is loaded by this command alone

    settings = _settings(config)
    configure_logs(log_level)
    owner, made = open_account(settings)
    if made:
        typer.echo(f"Account made and kept in {settings.data_dir}:\n  AccountSid {owner.sid}\n  AuthToken  {owner.auth_token}")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(Server(settings, owner).run())
    except SettingsInvalid as error:
        _fail(str(error))
    except (SipError, OSError) as error:
        _fail("; ".join((str(error), *taken_ports(settings))))


@app.command()
def account(config: Config = None) -> None:
    """Print the AccountSid and AuthToken that sign webhooks and open the REST API; made and kept if there are none yet."""
    found, _ = open_account(_settings(config))
    typer.echo(f"{found.sid} {found.auth_token}")


@app.command()
def console(config: Config = None) -> None:
    """Print the console's address and, unless the settings name users, the first administrator's name and password."""
    settings = _settings(config)
    if not settings.console.enabled:
        _fail("the console is off: [console] enabled")
    try:
        login = f" {FIRST} {first_password(settings.data_dir)}" if not settings.console.user else ""
    except (SettingsInvalid, OSError) as error:
        _fail(str(error))
    typer.echo(f"{console_address(settings)}/{login}")


@app.command()
def password() -> None:
    """Ask for a password and print what ``password_hash`` of a console user is for it."""
    typer.echo(hash_password(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)))


@app.command()
def check(source: Annotated[str, typer.Argument(help="A file, a URL, or - for standard input")]) -> None:
    """Read a TwiML document and say what is wrong with it: line, column, code, and what TwiML expects."""
    try:
        findings = lint(source)
    except (OSError, httpx.HTTPError) as error:
        _fail(f"{source}: {error}")
    for finding in findings:
        typer.echo(f"{source}:{finding}")
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
    if not findings:
        typer.echo(f"{source}: no objections")


@app.command()
def call(
    to: Annotated[str, typer.Argument(help="A number or sip: URI")],
    url: Annotated[str, typer.Option(help="Where the TwiML for the answered call is")],
    from_: Annotated[str, typer.Option("--from", help="Caller id")] = "strowger",
    config: Config = None,
) -> None:
    """Have the running switch place a call."""
    settings = _settings(config)
    owner, _ = open_account(settings)
    resource = f"{local_address(settings)}/2010-04-01/Accounts/{owner.sid}/Calls.json"
    form = {"To": to, "From": from_, "Url": url}
    try:
        answer = httpx.post(resource, data=form, auth=(owner.sid, owner.auth_token), trust_env=False)
    except httpx.HTTPError as error:
        _fail(f"no switch answers at {local_address(settings)}: {error}")
    body = answer.json()
    if answer.status_code != 201:
        _fail(f"{body['message']} (error {body['code']})")
    typer.echo(body["sid"])


@app.command()
def trace(
    call_sid: Annotated[str, typer.Argument(help="CallSid, or 'last'")],
    full: Annotated[bool, typer.Option("--full", help="With the text of SIP messages and documents")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say in a sentence why there was no audio, or how good it was")] = False,
    config: Config = None,
) -> None:
    """Print what happened in a call and in the legs it dialled: SIP ladder, webhooks, verbs, digits, errors, timings."""
    journals = JournalFiles(_settings(config).data_dir / "journals")
    try:
        newest = journals.last() if call_sid == "last" else ""
        sid = origin(newest, journals.read) if newest else call_sid
        lines = collect(sid, journals.read) if sid != "last" else []
    except ValueError as error:
        _fail(str(error))
    if not lines:
        _fail("no call has been made yet" if call_sid == "last" else f"there is no journal of {call_sid}")
    if why:
        typer.echo(explain(journals.read(sid)))
        return
    for line in render(lines, full=full):
        typer.echo(line)


@app.command()
def doctor(config: Config = None) -> None:
    """Look for what would keep calls, audio or webhooks from working here; the exit status is 1 when something does."""
    settings, bad = _settings(config), False
    for finding in itertools.chain(examine(settings), map(call_ourselves, [settings])):
        typer.echo(f"{_MARKS[finding.grade]} {finding.said}")
        bad = bad or finding.grade == "bad"
    raise typer.Exit(bad)


@app.command()
def signature(
    url: Annotated[str, typer.Argument(help="As the request had it, with its query")],
    given: Annotated[str, typer.Argument(metavar="SIGNATURE", help="Of X-Twilio-Signature")],
    parameters: Annotated[list[str] | None, typer.Argument(help="Of the form, name=value")] = None,
    config: Config = None,
) -> None:
    """Say why the signature of a webhook's request is not the one that was expected; the exit status is 1 when it is not."""
    owner, _ = open_account(_settings(config))
    pairs = tuple((name, value) for name, _, value in (each.partition("=") for each in parameters or ()))
    found = examine_signature(owner.auth_token, url, pairs, given)
    typer.echo(f"signed    {found.text}\nexpected  {found.signature}\n{found.said}")
    raise typer.Exit(not found.right)


_MARKS = {"good": "ok  ", "doubt": "look", "bad": "BAD "}
