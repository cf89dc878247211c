from __future__ import annotations

import io

from pypdf import PdfReader

from bot.playground.demo import QUESTION, SAMPLES, SEARCHES
from bot.playground.demo_pdf import PAGE_BREAK, pdf_of
from bot.playground.server import Playground


async def test_the_demo_begins_with_people_channels_documents_and_a_welcome() -> None:
    async with Playground.serve(demo=True) as slack:
        channels = {channel.name: channel for channel in slack.workspace.channels.values()}
        assert channels.keys() == {"general", "ops", "incident-room"}
        assert all(slack.bot_user in channel.members for channel in channels.values())
        assert channels["incident-room"].is_private
        assert len(channels["incident-room"].members) < len(channels["general"].members)
        people = {user.name: user for user in slack.workspace.users.values()}
        assert people.keys() == {"faultmaven", "alice", "bob", "chandra", "gwen"}
        assert people["gwen"].is_guest
        assert "/fm search" in slack.messages(channels["general"].id)[-1].text
        shared = {file.name for file in slack.workspace.files.values()}
        written = {path.name for path in SAMPLES.iterdir()}
        assert shared == written - {"on-call-handbook.txt"} | {"on-call-handbook.pdf"}
        told = [delivery.payload["event"]["type"] for delivery in slack.deliveries]
        assert told.count("file_shared") == len(shared)


async def test_three_searches_and_one_question_are_suggested() -> None:
    async with Playground.serve(demo=True) as slack:
        assert [suggestion.get("search") for suggestion in slack.suggestions] == [*SEARCHES, None]
        question = slack.suggestions[-1]
        assert question["ask"] == QUESTION
        assert slack.workspace.channels[question["channel"]].name == "general"


def test_every_suggested_search_has_its_words_in_a_sample() -> None:
    texts = [path.read_text(encoding="utf-8").lower() for path in SAMPLES.iterdir()]
    for words in SEARCHES:
        assert any(all(word in text for word in words.lower().split()) for text in texts), words


def test_the_handbook_is_a_pdf_of_four_pages_with_nothing_cut_off() -> None:
    source = (SAMPLES / "on-call-handbook.txt").read_text(encoding="utf-8")
    reader = PdfReader(io.BytesIO(pdf_of(source)), strict=True)
    shown = [page.extract_text().splitlines() for page in reader.pages]
    written = [[line.lstrip("# ") for line in page.splitlines() if line] for page in source.split(PAGE_BREAK)]
    assert [[line for line in page if line] for page in shown] == written
    assert len(written) == 4
    assert max(len(line) for page in written for line in page) < 100


def test_what_pdf_takes_for_marks_is_escaped() -> None:
    reader = PdfReader(io.BytesIO(pdf_of(r"a (b) \c) é")), strict=True)
    assert reader.pages[0].extract_text() == r"a (b) \c) é"
