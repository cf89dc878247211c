"""Cohere as it behaves on good days and bad ones, on a strict double of its API."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
from support.cohere_server import CohereServer
from support.vendor_server import CUT, HANG, Fault, limited

from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, SettingError
from bot.providers.budget import Breaker, State
from bot.providers.cohere import CohereClient, CohereEmbeddingProvider, CohereReranker, DocumentBudget
from bot.providers.cohere.calls import Calls
from bot.providers.deadlines import Deadlines
from bot.providers.waits import retry_after_s

HURRY = Deadlines(backoff_s=0.005)
TEXTS = ("the disk is full", "lunch is served")
EMBED, RERANK = "/v2/embed", "/v2/rerank"
DIMENSION = 256


@pytest.fixture
async def server() -> AsyncIterator[CohereServer]:
    async with CohereServer() as server:
        yield server


@pytest.fixture
async def client(server: CohereServer) -> AsyncIterator[CohereClient]:
    async with CohereClient(server.key, server.url) as client:
        yield client


@pytest.fixture
def provider(client: CohereClient) -> CohereEmbeddingProvider:
    return CohereEmbeddingProvider(client, dimension=DIMENSION, calls=Calls(HURRY))


@pytest.fixture
def reranker(client: CohereClient) -> CohereReranker:
    return CohereReranker(client, calls=Calls(HURRY))


async def test_documents_and_questions_are_embedded_as_what_they_are(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    await provider.embed_documents(TEXTS)
    await provider.embed_query("why is the disk full?")

    documents, query = server.asked_of(EMBED)
    assert documents["input_type"] == "search_document"
    assert documents["texts"] == list(TEXTS)
    assert documents["truncate"] == "END"
    assert query["input_type"] == "search_query"
    assert {body["output_dimension"] for body in (documents, query)} == {DIMENSION}


async def test_a_space_is_named_for_model_and_dimension(client: CohereClient) -> None:
    assert CohereEmbeddingProvider(client).space.name == "embed-v4.0-1024"
    assert CohereEmbeddingProvider(client, dimension=512).space.name == "embed-v4.0-512"
    assert CohereEmbeddingProvider(client, encoding="base64").space.name == "embed-v4.0-1024"


async def test_however_the_vectors_travel_they_are_the_same(
    client: CohereClient, provider: CohereEmbeddingProvider
) -> None:
    packed = CohereEmbeddingProvider(client, dimension=DIMENSION, encoding="base64")

    assert await packed.embed_documents(TEXTS) == pytest.approx(
        await provider.embed_documents(TEXTS), abs=1e-6
    )


async def test_coarse_vectors_are_close_and_a_space_of_their_own(
    client: CohereClient, provider: CohereEmbeddingProvider
) -> None:
    coarse = CohereEmbeddingProvider(client, dimension=DIMENSION, encoding="int8")

    fine, rough = await provider.embed_documents(TEXTS), await coarse.embed_documents(TEXTS)

    assert (fine * rough).sum(axis=1) == pytest.approx(1.0, abs=0.01)
    assert coarse.space != provider.space


async def test_more_texts_than_one_call_takes_are_a_bug_of_the_caller(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    with pytest.raises(ValueError, match="97"):
        await provider.embed_documents(["text"] * 97)

    assert server.requests == 0


async def test_a_rejected_key_is_a_setting_to_correct(server: CohereServer) -> None:
    async with CohereClient("wrong-key-1234", server.url) as client:
        with pytest.raises(SettingError) as refused:
            await CohereEmbeddingProvider(client).embed_documents(TEXTS)

    assert refused.value.name == "CO_API_KEY"
    assert "1234" not in str(refused.value)
    assert server.requests == 1


async def test_an_unknown_model_is_a_setting_to_correct(server: CohereServer, client: CohereClient) -> None:
    with pytest.raises(OperatorError):
        await CohereEmbeddingProvider(client, model="embed-v9").embed_query("text")

    assert server.requests == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(500),
        Fault(503, "<html>bad gateway</html>"),
        CUT,
        limited(0),
        limited(0.01),
        Fault(200, "not json"),
        Fault(200, "[]"),
        Fault(499),
    ],
)
async def test_a_passing_failure_is_tried_again(
    server: CohereServer, provider: CohereEmbeddingProvider, fault: Fault
) -> None:
    server.fault(EMBED, fault, fault)

    assert (await provider.embed_documents(TEXTS)).shape == (2, DIMENSION)
    assert server.requests == 3


async def test_after_four_attempts_the_failure_is_told(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    server.fault(EMBED, *[Fault(502)] * 10)

    with pytest.raises(ProviderUnavailable):
        await provider.embed_documents(TEXTS)
    assert server.requests == 4


async def test_a_wait_that_is_too_long_is_not_begun_and_nobody_asks_meanwhile(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    server.fault(EMBED, limited(60))
    for _ in range(3):
        with pytest.raises(RateLimited) as refused:
            await provider.embed_query("text")
        assert refused.value.retry_after_s == pytest.approx(60, abs=1)

    assert server.requests == 1


async def test_a_used_up_trial_key_is_not_asked_again(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    words = '{"message": "You are using a Trial key, which is limited to 1000 API calls / month."}'
    server.fault(EMBED, limited(None, words))

    with pytest.raises(OperatorError):
        await provider.embed_documents(TEXTS)
    assert server.requests == 1


async def test_a_silent_server_costs_no_more_than_the_deadline(
    server: CohereServer, client: CohereClient
) -> None:
    server.fault(EMBED, HANG)
    started = time.monotonic()

    async def request() -> object:
        return await client.sdk.embed(model="embed-v4.0", input_type="search_query", texts=["text"])

    with pytest.raises(ProviderUnavailable):
        await Calls().run(request, deadline_s=0.05)
    assert time.monotonic() - started < 5


async def test_nobody_listening_is_a_passing_failure() -> None:
    async with CohereServer() as gone:
        url = gone.url
    async with CohereClient("key", url) as client:
        provider = CohereEmbeddingProvider(client, calls=Calls(HURRY))
        with pytest.raises(ProviderUnavailable):
            await provider.embed_query("text")


async def test_a_vendor_that_is_down_is_left_alone_for_a_while(
    server: CohereServer, client: CohereClient
) -> None:
    now = [0.0]
    calls = Calls(HURRY, Breaker(clock=lambda: now[0]))
    provider = CohereEmbeddingProvider(client, dimension=DIMENSION, calls=calls)
    server.fault(EMBED, *[Fault(503)] * 5)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await provider.embed_query("text")
    assert server.requests == 5

    now[0] = 31.0
    assert (await provider.embed_documents(["text"])).shape == (1, DIMENSION)
    assert (await provider.embed_query("text")).shape == (DIMENSION,)


async def test_nobody_waits_for_the_call_that_tries_whether_a_failing_vendor_answers_again(
    server: CohereServer, client: CohereClient
) -> None:
    now = [0.0]
    calls = Calls(HURRY, Breaker(failures=1, clock=lambda: now[0]))
    provider = CohereEmbeddingProvider(client, dimension=DIMENSION, calls=calls)
    server.fault(EMBED, Fault(503), HANG)
    with pytest.raises(ProviderUnavailable):
        await provider.embed_query("text")

    now[0] = 31.0
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await asyncio.wait_for(provider.embed_query("text"), 1)
    assert calls.breaker.state is State.HALF_OPEN
    assert server.requests <= 2


async def test_a_failing_vendor_that_answers_again_is_asked_again(
    server: CohereServer, client: CohereClient
) -> None:
    now = [0.0]
    calls = Calls(HURRY, Breaker(failures=1, clock=lambda: now[0]))
    provider = CohereEmbeddingProvider(client, dimension=DIMENSION, calls=calls)
    server.fault(EMBED, Fault(503))
    with pytest.raises(ProviderUnavailable):
        await provider.embed_query("text")
    now[0] = 31.0
    with pytest.raises(ProviderUnavailable):
        await provider.embed_query("text")

    assert calls._trial is not None
    await calls._trial

    assert calls.breaker.state is State.CLOSED
    assert (await provider.embed_query("text")).shape == (DIMENSION,)


async def test_reranking_being_down_does_not_stop_embedding(
    server: CohereServer, provider: CohereEmbeddingProvider, reranker: CohereReranker
) -> None:
    server.fault(RERANK, *[Fault(503)] * 20)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await reranker.rerank("disk", TEXTS, 2)

    assert (await provider.embed_query("text")).shape == (DIMENSION,)


async def test_questions_don_t_wait_behind_documents(server: CohereServer, client: CohereClient) -> None:
    provider = CohereEmbeddingProvider(client, dimension=DIMENSION, budget=DocumentBudget(60))
    await provider.embed_documents(["text"] * 90)
    waiting = asyncio.create_task(provider.embed_documents(TEXTS))

    await asyncio.wait_for(provider.embed_query("text"), 5)

    assert not waiting.done()
    waiting.cancel()
    assert [body["input_type"] for body in server.asked_of(EMBED)] == ["search_document", "search_query"]


async def test_a_token_budget_paces_long_texts(client: CohereClient) -> None:
    provider = CohereEmbeddingProvider(
        client, dimension=DIMENSION, budget=DocumentBudget(tokens_per_minute=100)
    )
    await provider.embed_documents(["word " * 200])

    with pytest.raises(RateLimited):
        await provider.embed_documents(["word"])


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"embeddings": {}}',
        '{"embeddings": {"float": []}}',
        '{"embeddings": {"float": [[1.0, 2.0]]}}',
        '{"embeddings": {"float": [[1.0], [2.0, 3.0]]}}',
        '{"embeddings": {"float": "nonsense"}}',
        '{"embeddings": null}',
        "null",
    ],
)
async def test_an_answer_of_another_shape_is_not_taken_for_vectors(
    server: CohereServer, provider: CohereEmbeddingProvider, body: str
) -> None:
    server.fault(EMBED, Fault(200, body))

    with pytest.raises(ProviderUnavailable):
        await provider.embed_query("text")


async def test_vectors_of_zeros_are_not_taken(
    server: CohereServer, provider: CohereEmbeddingProvider
) -> None:
    server.fault(EMBED, Fault(200, f'{{"embeddings": {{"float": [{[0.0] * DIMENSION}]}}}}'))

    with pytest.raises(ProviderUnavailable):
        await provider.embed_query("text")


async def test_neither_the_key_nor_a_text_is_ever_logged_or_told(
    server: CohereServer, provider: CohereEmbeddingProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fault(EMBED, *[Fault(400, '{"message": "refused: my secret text"}'), CUT, Fault(500)])
    told = []
    for _ in range(2):
        try:
            await provider.embed_documents(["my secret text"])
        except FaultMavenError as error:
            told.append(f"{error!r} {error} {error.advice}")

    everything = caplog.text + "".join(told)
    assert server.key not in everything
    assert "my secret text" not in everything


async def test_the_best_text_comes_first(server: CohereServer, reranker: CohereReranker) -> None:
    ranked = await reranker.rerank("full disk", ["lunch", "the disk is full", "a disk"], 2)

    assert ranked == [(1, 1.0), (2, 0.5)]
    (asked,) = server.asked_of(RERANK)
    assert asked["top_n"] == 2


async def test_nothing_to_rank_is_not_asked(server: CohereServer, reranker: CohereReranker) -> None:
    assert await reranker.rerank("disk", [], 5) == []
    assert server.requests == 0


@pytest.mark.parametrize("text", ["", "  ", "\x00", "\ud800", "a" * 50_000])
async def test_odd_texts_can_be_ranked(reranker: CohereReranker, text: str) -> None:
    ranked = await reranker.rerank(text, [text, "disk"], 5)

    assert sorted(place for place, _ in ranked) == [0, 1]


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"results": [{"index": 7, "relevance_score": 0.5}]}',
        '{"results": [{"index": -1, "relevance_score": 0.5}]}',
        '{"results": [{"index": 0, "relevance_score": "much"}]}',
        '{"results": [{"relevance_score": 0.5}]}',
        '{"results": null}',
    ],
)
async def test_a_ranking_of_texts_that_were_not_sent_is_not_taken(
    server: CohereServer, reranker: CohereReranker, body: str
) -> None:
    server.fault(RERANK, Fault(200, body))

    with pytest.raises(ProviderUnavailable):
        await reranker.rerank("disk", TEXTS, 2)


async def test_a_client_can_be_closed_twice(server: CohereServer) -> None:
    client = CohereClient(server.key, server.url)
    await client.close()
    await client.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("nan", 5), ("inf", 3600), ("soon", 5), ("", 5), ("1e9", 3600)],
)
def test_a_wait_is_read_as_seconds_within_bounds(value: str, seconds: float) -> None:
    assert retry_after_s({"Retry-After": value}) == seconds


def test_a_wait_may_be_told_as_a_date() -> None:
    assert retry_after_s({"retry-after": formatdate(time.time() + 30, usegmt=True)}) == pytest.approx(
        30, abs=2
    )
