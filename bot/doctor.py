"""`fm doctor`: each setting and all that the bot depends on, what was found, and the exact fix.

It looks and asks, and changes nothing: it may run beside a running bot.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import yaml
from pydantic import SecretStr

from bot import __version__, app
from bot.app.clients import SlackClients, open_clients
from bot.app.core import open_database
from bot.app.providers import DATABASE_NAME, probe_vendors
from bot.domain import Status
from bot.errors import FaultMavenError, SettingError
from bot.ingest.extract import ocr
from bot.playground.demo import SAMPLES
from bot.playground.manifest import manifest_path
from bot.providers.slack.errors import call
from bot.providers.slack.identity import BotIdentity, ask, check_app_token
from bot.providers.slack.membership import SlackMembership
from bot.settings import MIB, Settings, variable_of
from bot.slack.render import count

SLACK_TIMEOUT_S = 20.0
LOCAL_TIMEOUT_S = 2.0
FULL_TIMEOUT_S = 60.0
ANSWER_BYTES = 4096
SAMPLE = SAMPLES / "database-failover-runbook.md"
LITTLE_SPACE_BYTES = 1024 * MIB
CLOCK_WARNING_S = 60.0
CLOCK_LIMIT_S = 300.0
MAX_PARKED_SHOWN = 100
"""Requests that are further off are refused: Slack's rule for signed requests."""


class Verdict(StrEnum):
    """How a finding is meant."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `found` never holds a secret; `fix` may be empty."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


async def examine(*, full: bool) -> list[Finding]:
    """Everything, in the order in which one would fix it. `full` also indexes a file and finds it."""
    settings, findings = _settings()
    app.configure_logging(settings.model_copy(update={"log_level": "error"}))
    wrong = {finding.name for finding in findings if finding.verdict is Verdict.PROBLEM}
    findings += [_program(), _scans()]
    findings += [_data_folder(settings), await _database(settings), await _port(settings)]
    if any(name.startswith("SLACK_") for name in wrong):
        findings.append(Finding("slack", Verdict.NOTE, "not asked: its settings are wrong"))
    else:
        findings += [finding async for finding in _slack(settings)]
    for vendor, fault in (await probe_vendors(settings)).items():
        findings.append(_failure(vendor, fault) if fault else Finding(vendor, Verdict.FINE, "can be used"))
    if full:
        findings.append(await _round_trip(settings))
    return findings


def _settings() -> tuple[Settings, list[Finding]]:
    """The settings with each wrong one at its default, and a finding for every setting."""
    wrong: dict[str, SettingError] = {}
    defaults: dict[str, object] = {}
    while True:
        try:
            settings = Settings.from_environment(**defaults)
        except SettingError as error:
            if error.name in wrong:
                raise
            wrong[error.name] = error
            for field, info in Settings.model_fields.items():
                if variable_of(field) == error.name:
                    defaults[field] = info.default
        else:
            break
    findings = []
    for field in Settings.model_fields:
        name = variable_of(field)
        if fault := wrong.get(name):
            problem = fault.public_message.removeprefix(f"{name}: ")
            findings.append(Finding(name, Verdict.PROBLEM, problem, fault.advice))
        else:
            findings.append(Finding(name, Verdict.NOTE, _shown(settings, field)))
    return settings, findings


def _shown(settings: Settings, field: str) -> str:
    value: object = getattr(settings, field)
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    words = str(value)
    if isinstance(value, str) and "@" in urlsplit(value).netloc:  # a password may stand before the host
        words = "set"
    return words if field in settings.model_fields_set else f"{words} (default)"


def _program() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding("version", Verdict.FINE, f"FaultMaven {__version__} on Python {python}, {sys.platform}")


def _scans() -> Finding:
    if found := ocr.languages():
        return Finding("scans", Verdict.FINE, f"read, and images, with tesseract ({', '.join(found)})")
    return Finding("scans", Verdict.NOTE, "not read, nor images", "Install tesseract and its languages.")


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.absolute()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(
            "data folder",
            Verdict.PROBLEM,
            f"{there} can't be written to",
            "Set FM_DATA_DIR to a folder of yours.",
        )
    free = shutil.disk_usage(there).free
    found = f"{folder}, {free // MIB:,} MiB free"
    if free < LITTLE_SPACE_BYTES:
        return Finding("data folder", Verdict.WARNING, found, "Free some space, or move it with FM_DATA_DIR.")
    return Finding("data folder", Verdict.FINE, found)


async def _database(settings: Settings) -> Finding:
    path = settings.data_dir / DATABASE_NAME
    if not path.exists():
        return Finding("database", Verdict.NOTE, "none yet; the first start makes it")
    try:
        async with open_database(settings, read_only=True) as database, database.transaction() as tx:
            counts = await tx.documents.counts_all()
            parked = await tx.inbox.parked(MAX_PARKED_SHOWN)
    except FaultMavenError as error:
        return _failure("database", error)
    found = ", ".join(f"{number:,} {status}" for status, number in counts.items())
    if parked:
        reasons = ", ".join(sorted({f"{event.type}: {event.error}" for event in parked}))
        return Finding(
            "database",
            Verdict.PROBLEM,
            f"{found}; {count(len(parked), 'event')} given up ({reasons})",
            "Mend the cause, stop the bot, and run `fm reconcile`: it gives them another try.",
        )
    if counts[Status.FAILED]:
        return Finding("database", Verdict.NOTE, found, "`fm status` tells what failed and why.")
    return Finding("database", Verdict.FINE, found)


async def _port(settings: Settings) -> Finding:
    """Whether the web server could listen, or a running bot does already."""
    name, address = "web server", f"{settings.host}:{settings.port}"
    try:
        family, *_, target = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and await _is_a_bot(settings):
            return Finding(name, Verdict.FINE, f"a running bot answers on {address}")
        problem = f"{address} can't be listened on ({error.strerror})"
        return Finding(name, Verdict.PROBLEM, problem, "Stop what uses it, or set FM_HOST and FM_PORT.")
    return Finding(name, Verdict.FINE, f"{address} is free")


async def _is_a_bot(settings: Settings) -> bool:
    try:
        async with asyncio.timeout(LOCAL_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(settings.host, settings.port)
            try:
                writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b'"status": "ok"' in await reader.read(ANSWER_BYTES)
            finally:
                writer.close()
                await writer.wait_closed()
    except (OSError, TimeoutError):
        return False


async def _slack(settings: Settings) -> AsyncIterator[Finding]:
    """Whether Slack knows the tokens, what they may do, and whether the bot is anywhere."""
    try:
        mode = settings.slack_mode
        if mode == "none":
            yield Finding(
                "slack", Verdict.NOTE, "no tokens: `fm` shows the demo", "README: Slack in five minutes."
            )
            return
        async with asyncio.timeout(SLACK_TIMEOUT_S), open_clients(settings) as clients:
            identity = await ask(clients.read)
            where = "Socket Mode" if mode == "socket" else "HTTP"
            yield Finding("slack", Verdict.FINE, f"{identity.workspace_name}, over {where}")
            for finding in _scopes(identity):
                yield finding
            if settings.slack_app_token and mode == "socket":
                await check_app_token(clients.read, settings.slack_app_token.get_secret_value())
                yield Finding("socket", Verdict.FINE, "Slack opens a connection")
            yield await _clock(clients)
            yield await _channels(clients, identity)
    except FaultMavenError as error:
        yield _failure("slack", error)
    except TimeoutError:
        yield Finding(
            "slack", Verdict.PROBLEM, "no answer in time", "Check this machine's way to the internet."
        )


def _scopes(identity: BotIdentity) -> Iterator[Finding]:
    """What the manifest asks for and the workspace has not granted."""
    asked = yaml.safe_load(manifest_path().read_text(encoding="utf-8"))["oauth_config"]["scopes"]
    optional = set(asked.get("bot_optional", ()))
    missing = [scope for scope in asked["bot"] if scope not in identity.scopes]
    if not missing:
        yield Finding("scopes", Verdict.FINE, "all that manifest.yml asks for")
    for scope in missing:
        yield Finding(
            "scopes",
            Verdict.WARNING if scope in optional else Verdict.PROBLEM,
            f"{scope} is missing",
            f"Add {scope} under OAuth & Permissions, then reinstall the app.",
        )


async def _clock(clients: SlackClients) -> Finding:
    response = await call(clients.read.auth_test)
    said = {key.lower(): value for key, value in response.headers.items()}.get("date")
    if said is None:
        return Finding("clock", Verdict.NOTE, "Slack did not tell the time")
    off_s = abs(time.time() - parsedate_to_datetime(said).timestamp())
    found = f"{off_s:.0f} s off Slack's"
    if off_s <= CLOCK_WARNING_S:
        return Finding("clock", Verdict.FINE, found)
    verdict = Verdict.PROBLEM if off_s > CLOCK_LIMIT_S else Verdict.WARNING
    return Finding("clock", verdict, found, "Set this machine's clock (NTP): signed requests are refused.")


async def _channels(clients: SlackClients, identity: BotIdentity) -> Finding:
    members = SlackMembership(clients.read, home=identity.home)
    channels = await members.channels_of(identity.workspace, None)
    if channels:
        return Finding("channels", Verdict.FINE, f"in {len(channels):,}")
    return Finding("channels", Verdict.WARNING, "in none", "Invite the bot to a channel: /invite @faultmaven")


async def _round_trip(settings: Settings) -> Finding:
    """A file through the real pipelines, in a folder of its own."""
    started = time.perf_counter()
    try:
        with TemporaryDirectory(prefix="faultmaven-doctor-") as folder:
            apart = settings.model_copy(update={"data_dir": Path(folder, "data")})
            async with asyncio.timeout(FULL_TIMEOUT_S), app.local(apart) as here:
                await here.index([SAMPLE], lambda _: None)
                found = await here.search("promote the standby", 1)
    except FaultMavenError as error:
        return _failure("full check", error)
    except TimeoutError:
        return Finding(
            "full check", Verdict.PROBLEM, "not done in time", "Look for what else loads this machine."
        )
    if not found.passages:
        return Finding("full check", Verdict.PROBLEM, "a file was read and not found", "Please report this.")
    return Finding(
        "full check", Verdict.FINE, f"read and found a file in {time.perf_counter() - started:.1f} s"
    )


def _failure(name: str, error: FaultMavenError) -> Finding:
    advice = error.advice or "Try again in a minute; if it stays, the bot's log has the cause."
    return Finding(name, Verdict.PROBLEM, error.public_message, advice)
