"""Outlook messages: who wrote what to whom when, messages within, and what is attached as further pages."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime
from functools import partial

from bot.domain import Page
from bot.errors import FileRejected
from bot.ingest.extract import rtf
from bot.ingest.extract.clean import one_line
from bot.ingest.extract.encoding import NotText
from bot.ingest.extract.flow import Flow
from bot.ingest.extract.html import add_html, decoded
from bot.ingest.extract.limits import LimitReached, Limits
from bot.ingest.extract.msg_properties import Properties
from bot.ingest.extract.msg_rtf import decompress
from bot.ingest.extract.ole import Ole
from bot.ingest.extract.parts import Part, attached_pages
from bot.ingest.extract.reading import Reading, Source

SUBJECT, SENDER, SENDER_ADDRESS, SENDER_SMTP = 0x0037, 0x0C1A, 0x0C1F, 0x5D01
DISPLAY_TO, DISPLAY_CC = 0x0E04, 0x0E03
SUBMITTED, DELIVERED = 0x0039, 0x0E06
PLAIN_BODY, RTF_BODY, HTML_BODY = 0x1000, 0x1009, 0x1013
RECIPIENT, RECIPIENT_TYPE = "__recip_version1.0_#", 0x0C15
NAME, ADDRESS, SMTP_ADDRESS = 0x3001, 0x3003, 0x39FE
ATTACHMENT, DATA, LONG_FILE_NAME, FILE_NAME = "__attach_version1.0_#", 0x3701, 0x3707, 0x3704
MIMETYPE, CONTENT_ID = 0x370E, 0x3712
"""MAPI's numbers of properties (MS-OXPROPS), and how storages are called (MS-OXMSG 2.2)."""
ROLES = {1: "To", 2: "Cc"}
MAX_RECIPIENTS = 500
MAX_DEPTH = 10
"""Messages within messages; more of them are not honest."""
MAX_RTF_BYTES = 8_000_000


def read(source: Source) -> Reading:
    """The message is one page, what is attached more of them."""
    return Reading(0, _pages(source))


def _pages(source: Source) -> Iterator[Page]:
    with Ole(source.content) as ole:
        message = Properties(ole, kind="message")
        flow = Flow(source.limits)
        flow.title(message.text(SUBJECT))
        parts = _add_message(message, flow, source.limits)
        missing = flow.cut
        pages = flow.end()
        yield from pages
        if missing:
            raise LimitReached(missing)
        yield from attached_pages(parts, source, pages)


def _add_message(message: Properties, flow: Flow, limits: Limits, depth: int = 0) -> list[Part]:
    """Write a message and those within it into the flow. Returns what is attached to them."""
    for name, text in _headers(message):
        if text:
            flow.add(f"{name}: {text}", "item")
    _add_body(message, flow, limits)
    parts = []
    for path in message.children(ATTACHMENT):
        if flow.cut:
            break
        attachment = Properties(message.ole, path, codec=message.codec)
        within = attachment.storage(DATA)
        if within and depth < MAX_DEPTH:
            inner = Properties(message.ole, within, "embedded", message.codec)
            parts += _add_message(inner, flow, limits, depth + 1)
            continue
        part = _part(attachment)
        flow.add(f"Attached: {one_line(part.name)}", "item")
        parts.append(part)
    return parts


def _headers(message: Properties) -> Iterator[tuple[str, str]]:
    """As a mail has them."""
    yield "Subject", one_line(message.text(SUBJECT))
    sender = message.text(SENDER_SMTP) or message.text(SENDER_ADDRESS)
    yield "From", _person(message.text(SENDER), sender)
    people: dict[str, list[str]] = {role: [] for role in ROLES.values()}
    for path in message.children(RECIPIENT)[:MAX_RECIPIENTS]:
        recipient = Properties(message.ole, path, codec=message.codec)
        role = ROLES.get(recipient.number(RECIPIENT_TYPE))
        if role:
            address = recipient.text(SMTP_ADDRESS) or recipient.text(ADDRESS)
            people[role].append(_person(recipient.text(NAME), address))
    yield "To", ", ".join(people["To"]) or one_line(message.text(DISPLAY_TO))
    yield "Cc", ", ".join(people["Cc"]) or one_line(message.text(DISPLAY_CC))
    sent = message.time(SUBMITTED) or message.time(DELIVERED)
    yield "Date", format_datetime(sent) if sent else ""


def _person(name: str, address: str) -> str:
    """As in a mail's header; addresses inside an Exchange organisation, which begin with /, say nothing."""
    name, address = one_line(name), one_line(address)
    if address.startswith("/") or address == name:
        address = ""
    return f"{name} <{address}>" if name and address else name or address


def _add_body(message: Properties, flow: Flow, limits: Limits) -> None:
    """The plain text, else the HTML, else the RTF."""
    plain = message.text(PLAIN_BODY)
    if plain.strip():
        flow.count(plain)
        flow.add(plain)
        return
    html = message.binary(HTML_BODY)
    try:
        text = decoded(html, message.codec) if html else message.text(HTML_BODY)
    except NotText:
        text = ""
    if text.strip():
        add_html(text, flow)
        return
    _add_rtf(message.binary(RTF_BODY), flow, limits)


def _add_rtf(data: bytes, flow: Flow, limits: Limits) -> None:
    try:
        plain = decompress(data, MAX_RTF_BYTES)
        for page in rtf.read(Source(plain, "rtf", limits)).pages:
            flow.count(page.text)
            flow.add(page.text)
    except (FileRejected, LimitReached, ValueError):
        return  # it is one of the ways to say the same; what is there of it was taken


def _part(attachment: Properties) -> Part:
    name = attachment.text(LONG_FILE_NAME) or attachment.text(FILE_NAME) or attachment.text(NAME)
    mimetype = attachment.text(MIMETYPE)
    decoration = mimetype.startswith("image/") and bool(attachment.text(CONTENT_ID))
    return Part(name, mimetype, partial(attachment.binary, DATA), decoration=decoration)
