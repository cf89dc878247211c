"""This machine: the program itself, its room on the disk, and the port it listens on."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import sys

from bot import __version__
from bot.doctor.finding import Finding, Verdict
from bot.ingest.extract import ocr
from bot.settings import MIB, Settings

LOCAL_TIMEOUT_S = 2.0
ANSWER_BYTES = 4096
LITTLE_SPACE_BYTES = 1024 * MIB


def program() -> Finding:
    """Which version runs on what."""
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding("version", Verdict.FINE, f"FaultMaven {__version__} on Python {python}, {sys.platform}")


def scans() -> Finding:
    """Whether scans and images can be read."""
    if found := ocr.languages():
        return Finding("scans", Verdict.FINE, f"read, and images, with tesseract ({', '.join(found)})")
    return Finding("scans", Verdict.NOTE, "not read, nor images", "Install tesseract and its languages.")


def data_folder(settings: Settings) -> Finding:
    """Whether FM_DATA_DIR can be written to and has room."""
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


async def web_server(settings: Settings) -> Finding:
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
