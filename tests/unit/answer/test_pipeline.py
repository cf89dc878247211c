"""Answers, with a chat model and without."""

from __future__ import annotations

import re

import pytest
from support.answers import FINANCE, OPS, TEAM, Shelf, saying

from bot.answer.pipeline import BROKE_OFF, MODEL_AWAY, UNFOUNDED
from bot.domain import Answer, ChatCitation, Outcome
from bot.errors import OperatorError, ProviderUnavailable, QueryRejected, RateLimited

QUESTION = "How long is a full backup kept?"


def marks(answer: Answer) -> list[int]:
    return [int(number) for number in re.findall(r"\[(\d+)\]", answer.text)]


class Reader:
    """Somebody who reads along."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    async def __call__(self, piece: str) -> None:
        self.pieces.append(piece)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


async def test_without_a_model_the_passages_answer_with_their_page(files: Shelf) -> None:
    answer = await files.ask("What is the daily allowance for meals?")

    assert answer.outcome is Outcome.QUOTED
    assert "42 euros" in answer.text
    [citation, *_] = answer.citations
    assert (citation.number, citation.title, citation.page) == (1, "travel.txt", 2)
    assert "The daily allowance for meals is 42 euros." in citation.quote
    assert set(marks(answer)) == {one.number for one in answer.citations}


async def test_what_is_in_no_file_is_refused_with_the_nearest_titles(files: Shelf) -> None:
    answer = await files.ask("Who won the chess tournament of the Berlin backup team?")

    assert answer.outcome is Outcome.NOT_FOUND
    assert answer.text.startswith("That is not in the files you can see.")
    assert answer.citations == ()
    assert "failover.md" in [one.title for one in answer.nearest]


async def test_a_model_is_not_asked_about_what_is_in_no_file(files: Shelf) -> None:
    chat = saying("It is a secret. [1]")
    answer = await files.ask("Who won the chess tournament in Berlin?", chat=chat)

    assert answer.outcome is Outcome.NOT_FOUND
    assert chat.prompts == []


async def test_a_model_s_words_come_with_sources_numbered_as_they_are_met(files: Shelf) -> None:
    chat = saying("A full backup is kept for 35 days. [1]", " It is taken every night. [1]")
    reader = Reader()
    answer = await files.ask(QUESTION, chat=chat, on_text=reader)

    assert answer.outcome is Outcome.WRITTEN
    assert answer.text == "A full backup is kept for 35 days. [1] It is taken every night. [1]"
    assert reader.text == answer.text
    [citation] = answer.citations
    assert citation.title == "failover.md"
    assert "kept for 35 days" in citation.quote


async def test_the_asker_reads_along_one_sentence_behind(files: Shelf) -> None:
    reader = Reader()
    seen: list[int] = []

    def says(_prompt: object) -> object:
        for words in ("A full backup is kept for 35 days. [1] ", "It is taken every night. [1] ", "Kept. "):
            yield words
            seen.append(len(reader.pieces))

    chat = saying()
    chat.says = says
    await files.ask(QUESTION, chat=chat, on_text=reader)

    assert seen == [0, 1, 2]


async def test_spans_that_a_vendor_cites_count_as_marks_do(files: Shelf) -> None:
    words = "A full backup is kept for 35 days."
    for chat in (saying(words, ChatCitation(0, len(words), (1,))), saying(ChatCitation(9, 20, (1,)), words)):
        answer = await files.ask(QUESTION, chat=chat)
        assert answer.text == f"{words} [1]"


async def test_a_model_that_finds_nothing_in_them_is_a_refusal(files: Shelf) -> None:
    reader = Reader()
    answer = await files.ask(QUESTION, chat=saying("NOT", " IN THE", " FILES."), on_text=reader)

    assert answer.outcome is Outcome.NOT_FOUND
    assert reader.pieces == []
    assert answer.nearest


@pytest.mark.parametrize(
    "error", [ProviderUnavailable("down"), RateLimited("slow down", 60), OperatorError("refused")]
)
async def test_without_its_model_the_passages_answer_and_it_says_why(files: Shelf, error: Exception) -> None:
    answer = await files.ask(QUESTION, chat=saying(error))

    assert answer.outcome is Outcome.QUOTED
    assert "35 days" in answer.text
    assert answer.notes == (MODEL_AWAY,)


async def test_a_reply_that_breaks_off_keeps_what_was_read_and_says_so(files: Shelf) -> None:
    said = "A full backup is kept for 35 days. [1] It is taken every night. [1] And then"
    reader = Reader()
    answer = await files.ask(QUESTION, chat=saying(said, ".", ProviderUnavailable("cut")), on_text=reader)

    assert answer.outcome is Outcome.WRITTEN
    assert answer.text == reader.text == "A full backup is kept for 35 days. [1] It is taken every night. [1]"
    assert answer.notes == (BROKE_OFF,)


@pytest.mark.parametrize(
    "said", ["", "Hm.", "The moon is made of cheese. [1]", "Backups are kept 90 days. [7]"]
)
async def test_when_nothing_it_wrote_holds_the_passages_answer(files: Shelf, said: str) -> None:
    answer = await files.ask(QUESTION, chat=saying(said))

    assert answer.outcome is Outcome.QUOTED
    assert "35 days" in answer.text
    assert answer.notes == (UNFOUNDED,)


async def test_what_one_may_not_read_is_in_no_prompt_and_no_answer(files: Shelf) -> None:
    await files.put("salaries.txt", "The backup of the salaries is kept for 99 days.", FINANCE)
    chat = saying("A full backup is kept for 35 days. [1]")
    own = await files.ask(QUESTION, chat=chat)
    both = await files.ask("How long is the backup of the salaries kept?", channels=[OPS, FINANCE])

    assert "99 days" not in f"{own}{chat.prompts}"
    assert "99 days" in both.text


async def test_a_file_that_is_withdrawn_while_the_model_writes_is_not_in_the_answer(files: Shelf) -> None:
    reader = Reader()

    async def withdraw_then_read(piece: str) -> None:
        await reader(piece)
        async with files.search.transaction() as tx:
            await tx.documents.remove_share(files.ids["failover.md"], OPS)

    chat = saying("A full backup is kept for 35 days. [1] It is taken every night. [1] Indeed it is.")
    answer = await files.ask(QUESTION, chat=chat, on_text=withdraw_then_read)

    assert reader.text
    assert answer.outcome is Outcome.NOT_FOUND
    assert answer.citations == ()


async def test_a_quote_that_is_not_on_its_page_any_more_is_dropped(files: Shelf) -> None:
    chat = saying("A full backup is kept for 35 days. [1] It is taken every night. [1] Indeed it is.")

    async def reindex(_piece: str) -> None:
        await files.put("failover.md", "Nothing is left of what was here.")

    answer = await files.ask(QUESTION, chat=chat, on_text=reindex)

    assert answer.outcome is Outcome.NOT_FOUND


async def test_a_question_of_conditions_alone_is_no_question(files: Shelf) -> None:
    with pytest.raises(QueryRejected):
        await files.ask("type:pdf")


async def test_nothing_is_found_in_no_channel(files: Shelf) -> None:
    answer = await files.ask(QUESTION, channels=[])

    assert (answer.outcome, answer.channels_searched, answer.nearest) == (Outcome.NOT_FOUND, 0, ())


async def test_each_answer_is_noted_with_what_it_cites_for_votes(files: Shelf) -> None:
    answer = await files.ask(QUESTION, channel=OPS)
    async with files.search.transaction() as tx:
        row = await tx.searches.get(TEAM, answer.id)
        assert await tx.searches.vote(answer.id, asker="U1", vote=1)

    assert row is not None
    assert (row.query, row.results, row.channel_id) == (QUESTION, len(answer.citations), OPS)
    assert row.shown[0]["document"] == answer.citations[0].document_id


async def test_a_follow_up_is_understood_without_a_model(files: Shelf) -> None:
    answer = await files.ask("and in Paris?", "What is the limit for a hotel room?")

    assert "210 euros" in answer.text


async def test_a_follow_up_is_made_whole_by_the_model(files: Shelf) -> None:
    chat = saying()
    chat.says = lambda prompt: (
        ["A full backup is kept for 35 days. [1]"] if prompt.excerpts else ["How long is a backup kept?"]
    )
    answer = await files.ask("and how long is it kept?", "Is there a backup?", chat=chat)

    assert answer.query.text == "How long is a backup kept?"
    assert "35 days" in answer.text
    rewriting, answering = chat.prompts
    assert [one.question for one in rewriting.history] == ["Is there a backup?"]
    assert answering.question == "and how long is it kept?"
