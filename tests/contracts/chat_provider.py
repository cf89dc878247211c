"""What every chat provider does, whoever the vendor: pieces as they come, failures as ours, in time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Protocol

import pytest
from support.chat_model import Behaviour, Excerpt
from support.vendor_server import CUT, HANG, Fault, limited

from bot.domain import ChatCitation, ChatText, Exchange, Prompt
from bot.domain import Excerpt as Given
from bot.errors import OperatorError, ProviderUnavailable, RateLimited, RetryLater, SettingError
from bot.ports import ChatProvider
from bot.providers.streams import Patience

BRIEF = Patience(first_s=2.0, total_s=4.0, backoff_s=0.01)
HURRIED = Patience(first_s=0.2, total_s=0.4, backoff_s=0.01)
PROMPT = Prompt(
    "Use the excerpts alone.",
    "How long are backups kept?",
    (Exchange("Who owns them?", "The data team."), Exchange("And who else?")),
    (Given(1, "Backups", "Backups are kept 35 days."), Given(2, "Lunch", "Soup is served at noon.")),
)


class ChatServer(Protocol):
    """A double of a vendor's server."""

    key: str | None
    behaviour: Behaviour
    requests: int
    idle: asyncio.Event

    def fault(self, path: str, *faults: Fault) -> None: ...

    def asked_of(self, path: str) -> list[Any]: ...


Open = Callable[..., AbstractAsyncContextManager[ChatProvider]]


def saying(words: str) -> Callable[..., str]:
    return lambda _question, _excerpts: words


async def heard(chat: ChatProvider, prompt: Prompt = PROMPT) -> tuple[str, list[ChatCitation]]:
    text, citations = "", []
    async with aclosing(chat.reply(prompt)) as reply:
        async for event in reply:
            if isinstance(event, ChatText):
                text += event.text
            else:
                citations.append(event)
    return text, citations


class ChatProviderContract:
    """Subclasses give a `server` with a `behaviour`, `path`, and `open_chat(patience=…)`."""

    path: str

    async def test_a_reply_comes_in_pieces_while_it_is_written(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.behaviour = Behaviour(saying("One two three. Four five six."), hang_after=3)
        async with open_chat(BRIEF) as chat, aclosing(chat.reply(PROMPT)) as reply:
            pieces = [await anext(reply) for _ in range(3)]

        assert "".join(piece.text for piece in pieces if isinstance(piece, ChatText)) == "One two three."

    async def test_what_it_cites_can_be_told(self, server: ChatServer, open_chat: Open) -> None:
        server.behaviour = Behaviour(saying("They are kept 35 days. [1] Soup is at noon. [2]"))
        async with open_chat(BRIEF) as chat:
            text, citations = await heard(chat)

        marked = [("35 days" in text[one.start : one.end], one.numbers) for one in citations]
        assert marked == [(True, (1,)), (False, (2,))] or ("[1]" in text and "[2]" in text)

    async def test_excerpts_and_history_and_question_are_what_is_asked(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        asked: list[tuple[str, list[Excerpt]]] = []

        def model(question: str, excerpts: Sequence[Excerpt]) -> str:
            asked.append((question, list(excerpts)))
            return "Yes."

        server.behaviour = Behaviour(model)
        async with open_chat(BRIEF) as chat:
            await heard(chat)

        [(question, excerpts)] = asked
        assert question == PROMPT.question
        assert [(one.number, one.title, one.text) for one in excerpts] == [
            (one.number, one.title, one.text) for one in PROMPT.excerpts
        ]
        [body] = server.asked_of(self.path)
        said = [(message["role"], message["content"]) for message in body["messages"]]
        assert said[0][0] == "system"
        assert said[1:4] == [
            ("user", "Who owns them?"),
            ("assistant", "The data team."),
            ("user", "And who else?"),
        ]
        assert body["max_tokens"] == PROMPT.max_tokens

    async def test_a_question_without_excerpts_is_asked_as_it_is(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.behaviour = Behaviour(lambda question, _excerpts: question.upper())
        async with open_chat(BRIEF) as chat:
            text, _ = await heard(chat, Prompt("Rewrite.", "and there?"))

        assert text == "AND THERE?"

    @pytest.mark.parametrize("fault", [Fault(500), Fault(503, "<html>"), CUT, limited(0.01), Fault(408)])
    async def test_a_failure_before_the_first_word_is_tried_once_more(
        self, server: ChatServer, open_chat: Open, fault: Fault
    ) -> None:
        server.fault(self.path, fault)
        async with open_chat(BRIEF) as chat:
            text, _ = await heard(chat)

        assert text
        assert server.requests == 2

    async def test_it_is_not_tried_a_third_time(self, server: ChatServer, open_chat: Open) -> None:
        server.fault(self.path, *[Fault(502)] * 5)
        async with open_chat(BRIEF) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)

        assert server.requests == 2

    async def test_a_reply_that_breaks_off_is_told_and_not_begun_again(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.behaviour = Behaviour(saying("One two three four five."), cut_after=3)
        async with open_chat(BRIEF) as chat:
            reply = chat.reply(PROMPT)
            pieces = [await anext(reply) for _ in range(3)]
            with pytest.raises(ProviderUnavailable):
                await anext(reply)

        assert "".join(piece.text for piece in pieces if isinstance(piece, ChatText)) == "One two three"
        assert server.requests == 1

    async def test_a_wait_that_is_too_long_is_not_begun_and_nobody_asks_meanwhile(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.fault(self.path, limited(60))
        async with open_chat(BRIEF) as chat:
            for _ in range(3):
                with pytest.raises(RateLimited) as refused:
                    await heard(chat)
                assert refused.value.retry_after_s == pytest.approx(60, abs=2)

        assert server.requests == 1

    async def test_a_silent_server_costs_no_more_than_the_first_deadline(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.fault(self.path, HANG)
        started = time.monotonic()
        async with open_chat(HURRIED) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)

        assert time.monotonic() - started < 2

    async def test_a_reply_that_stalls_or_never_ends_is_given_up(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        for behaviour in (
            Behaviour(saying("One two three."), hang_after=2),
            Behaviour(saying("On and on. "), endless=True),
        ):
            server.behaviour = behaviour
            started = time.monotonic()
            async with open_chat(HURRIED) as chat:
                with pytest.raises(RetryLater):
                    await heard(chat)
            assert time.monotonic() - started < 2

    async def test_a_vendor_that_is_down_is_left_alone_for_a_while(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.fault(self.path, *[Fault(503)] * 10)
        async with open_chat(BRIEF) as chat:
            for _ in range(4):
                with pytest.raises(ProviderUnavailable):
                    await heard(chat)

        assert server.requests == 5

    async def test_a_rejected_key_is_a_setting_to_correct(self, server: ChatServer, open_chat: Open) -> None:
        server.key = "another-key"
        async with open_chat(BRIEF) as chat:
            with pytest.raises(SettingError) as refused:
                await heard(chat)

        assert "KEY" in refused.value.name
        assert server.requests == 1

    async def test_a_refused_request_is_for_whoever_runs_the_bot(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.fault(self.path, Fault(400))
        async with open_chat(BRIEF) as chat:
            with pytest.raises(OperatorError):
                await heard(chat)

    @pytest.mark.parametrize(
        "body", ["", "not events at all", "{}", "data: 7\n\n", "data: {\n\ndata: [DONE]\n\n"]
    )
    async def test_an_answer_of_another_shape_is_no_reply(
        self, server: ChatServer, open_chat: Open, body: str
    ) -> None:
        server.fault(self.path, *[Fault(200, body)] * 2)
        async with open_chat(BRIEF) as chat:
            with pytest.raises(ProviderUnavailable):
                await heard(chat)

    async def test_neither_key_nor_text_is_ever_logged_or_told(
        self, server: ChatServer, open_chat: Open, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        secret = "the vault's code is 4711"
        told = ""
        for behaviour in (
            Behaviour(saying(secret), cut_after=2),
            Behaviour(saying(secret), raw=(f'data: {{"broken": "{secret}"', f'data: "{secret}"')),
        ):
            server.behaviour = behaviour
            async with open_chat(BRIEF) as chat:
                try:
                    await heard(chat, Prompt(secret, secret))
                except (RetryLater, OperatorError) as error:
                    told += f"{error!r} {error.advice}"
        server.fault(self.path, Fault(400, f'{{"message": "{secret}", "error": {{"message": "{secret}"}}}}'))
        async with open_chat(BRIEF) as chat:
            with pytest.raises(OperatorError) as refused:
                await heard(chat)

        everything = caplog.text + told + f"{refused.value!r}{refused.value.advice}"
        assert "4711" not in everything
        assert str(server.key) not in everything

    async def test_whoever_stops_listening_frees_the_connection(
        self, server: ChatServer, open_chat: Open
    ) -> None:
        server.behaviour = Behaviour(saying("On and on. "), endless=True)
        async with open_chat(BRIEF) as chat:
            async with aclosing(chat.reply(PROMPT)) as reply:
                await anext(reply)
            async with asyncio.timeout(2):
                await server.idle.wait()
