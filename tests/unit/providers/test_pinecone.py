"""Pinecone on good days and bad ones, on a strict double of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import numpy as np
import pytest
from support.pinecone_server import CLASSIC_SCHEMA, PineconeServer
from support.vendor_server import CUT, HANG, Fault, limited

from bot.domain import (
    Candidate,
    ChannelId,
    Chunk,
    DocumentId,
    EmbeddingSpace,
    Held,
    IndexedDocument,
    Query,
    Scope,
    WorkspaceId,
)
from bot.errors import FaultMavenError, OperatorError, ProviderUnavailable, RateLimited, SettingError
from bot.ports import Vectors
from bot.providers.budget import Breaker
from bot.providers.pinecone import PineconeAddress, PineconeIndex
from bot.providers.pinecone.connection import Connection
from bot.providers.pinecone.schema import schema, tags
from bot.providers.pinecone.store import Store

DIMENSION = 16
SPACE = EmbeddingSpace("test", DIMENSION)
TEAM = WorkspaceId("T1")
C1 = ChannelId("C1")
SCOPE = Scope(TEAM, frozenset({C1}))
NAME = "faultmaven"
BUSY = Fault(503, "busy", {"Retry-After": "0"})
"""With this the SDK repeats at once."""


def document(name: str = "d1", generation: int = 1, title: str = "Runbook") -> IndexedDocument:
    return IndexedDocument(TEAM, DocumentId(name), generation, title, frozenset({C1}))


def chunks(*texts: str) -> list[Chunk]:
    return [Chunk(n, n + 1, 0, len(text), text) for n, text in enumerate(texts)]


def rows(count: int, dimension: int = DIMENSION) -> Vectors:
    raw = np.random.default_rng(1).standard_normal((count, dimension), dtype=np.float32)
    unit: Vectors = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    return unit


def index_on(server: PineconeServer, space: EmbeddingSpace = SPACE, key: str | None = None) -> PineconeIndex:
    address = PineconeAddress(key or server.key, controller_host=server.url)
    return PineconeIndex(address, space, first_wait_s=0.001)


async def add(index: PineconeIndex, doc: IndexedDocument, *texts: str) -> None:
    await index.write(doc, chunks(*texts), rows(len(texts)))
    await index.publish(doc)


async def found(index: PineconeIndex, text: str, *phrases: str) -> list[Candidate]:
    return await index.keyword(SCOPE, Query(text, phrases), 100)


@pytest.fixture
async def server() -> AsyncIterator[PineconeServer]:
    async with PineconeServer() as server:
        yield server


@pytest.fixture
async def index(server: PineconeServer) -> AsyncIterator[PineconeIndex]:
    async with index_on(server) as index:
        yield index


# Finding, creating and refusing an index


async def test_an_index_that_is_not_there_is_created_once(server: PineconeServer) -> None:
    for _ in range(2):
        async with index_on(server) as index:
            await index.ping()

    assert server.counted["create"] == 1
    assert server.indexes[NAME].schema == schema(DIMENSION)
    assert server.indexes[NAME].tags == tags(SPACE)


async def test_creating_tells_whether_it_was_needed(server: PineconeServer) -> None:
    index = index_on(server)

    assert await index.exists() is False
    assert await index.create() is True
    assert await index.create() is False
    assert await index.exists() is True


async def test_another_replica_may_be_faster_in_creating_it(server: PineconeServer) -> None:
    server.add_index(NAME, schema(DIMENSION), tags(SPACE))
    server.fault(f"/indexes/{NAME}", Fault(404))

    async with index_on(server) as index:
        await add(index, document(), "the disk is full")


def _without(name: str, **vector: object) -> dict:
    """The schema without a field, or with another vector field in its place."""
    fields = {key: value for key, value in schema(DIMENSION)["fields"].items() if key != name}
    return {"fields": fields | ({name: {"type": "dense_vector", **vector}} if vector else {})}


@pytest.mark.parametrize(
    ("there", "space", "word"),
    [
        (CLASSIC_SCHEMA, SPACE, "document index"),
        (schema(DIMENSION + 1), SPACE, "17 dimensions"),
        (_without("words"), SPACE, "words"),
        (_without("vector"), SPACE, "document index"),
        (schema(DIMENSION), EmbeddingSpace("another", DIMENSION), "embeddings of another/16"),
        (_without("vector", dimension=DIMENSION, metric="euclidean"), SPACE, "euclidean"),
    ],
)
async def test_an_index_of_another_kind_is_refused_with_what_to_do(
    server: PineconeServer, there: dict, space: EmbeddingSpace, word: str
) -> None:
    server.add_index(NAME, there, tags(space))

    with pytest.raises(OperatorError, match=word):
        await index_on(server).exists()
    with pytest.raises(OperatorError, match=word) as refused:
        await index_on(server).open()
    assert "PINECONE_INDEX_NAME" in refused.value.advice


async def test_with_the_indexs_own_address_the_control_plane_is_not_needed(server: PineconeServer) -> None:
    server.add_index(NAME, schema(DIMENSION))
    address = PineconeAddress(server.key, index_host=server.host(NAME), controller_host="http://127.0.0.1:9")

    async with PineconeIndex(address, SPACE, first_wait_s=0.001) as index:
        await add(index, document(), "the disk is full")

        assert len(await found(index, "disk")) == 1
        assert await index.exists()
        with pytest.raises(OperatorError, match="PINECONE_INDEX_HOST"):
            await index.create()


@pytest.mark.parametrize("there", [CLASSIC_SCHEMA, schema(DIMENSION * 2), _without("words")])
async def test_a_wrong_index_is_noticed_without_the_control_plane(
    server: PineconeServer, there: dict
) -> None:
    server.add_index(NAME, there)
    address = PineconeAddress(server.key, index_host=server.host(NAME))

    with pytest.raises(OperatorError, match="PINECONE_INDEX_HOST"):
        await PineconeIndex(address, SPACE).open()


@pytest.mark.parametrize("key", ["wrong-key-1234", "odd key\n"])
async def test_a_rejected_key_is_a_setting_to_correct(server: PineconeServer, key: str) -> None:
    with pytest.raises(SettingError) as refused:
        await index_on(server, key=key).open()

    assert refused.value.name == "PINECONE_API_KEY"
    assert "1234" not in f"{refused.value!r} {refused.value.advice}"


async def test_an_outage_at_the_start_stops_nothing_and_ends_by_itself(server: PineconeServer) -> None:
    server.fault(f"/indexes/{NAME}", *[BUSY] * 4)
    async with index_on(server) as index:
        await add(index, document(), "the disk is full")

        assert len(await found(index, "disk")) == 1


async def test_an_index_that_is_gone_is_for_whoever_runs_the_bot(
    server: PineconeServer, index: PineconeIndex
) -> None:
    server.indexes.clear()

    with pytest.raises(OperatorError, match="not there"):
        await found(index, "disk")


# Searching


async def test_a_search_is_one_request_by_words_and_one_by_meaning(
    server: PineconeServer, index: PineconeIndex
) -> None:
    await add(index, document(), "the disk is full")
    server.counted.clear()

    await found(index, "disk")
    await index.dense(SCOPE, rows(1)[0], 10)

    assert server.counted == {"search": 2}


async def test_an_empty_scope_asks_nothing(server: PineconeServer, index: PineconeIndex) -> None:
    before = server.requests
    nobody = Scope(TEAM, frozenset())

    assert await index.keyword(nobody, Query("disk"), 10) == []
    assert await index.dense(nobody, rows(1)[0], 10) == []
    assert server.requests == before


async def test_a_scope_beyond_the_limit_of_a_filter_is_searched_in_parts(
    server: PineconeServer, index: PineconeIndex
) -> None:
    many = frozenset(ChannelId(f"C{n:05}") for n in range(10_001))
    first, last = ChannelId("C00000"), ChannelId("C10000")
    for name, channels in (("d1", {first}), ("d2", {last}), ("d3", {first, last})):
        doc = IndexedDocument(TEAM, DocumentId(name), 1, "Runbook", frozenset(channels))
        await add(index, doc, f"the disk is full {name}")
    server.counted.clear()

    everything = await index.keyword(Scope(TEAM, many), Query("disk"), 10)

    assert sorted(one.document_id for one in everything) == ["d1", "d2", "d3"]
    assert server.counted["search"] == 2


async def test_the_namespace_is_the_workspace_and_ids_say_what_a_record_is(
    server: PineconeServer, index: PineconeIndex
) -> None:
    await add(index, document(generation=7), "one", "two")

    records = server.records(NAME, "T1")
    assert sorted(records) == ["d1:7:0", "d1:7:1"]
    assert records["d1:7:1"]["channels"] == ["C1"]
    assert (records["d1:7:1"]["page"], records["d1:7:1"]["start"], records["d1:7:1"]["end"]) == (2, 0, 3)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Der Müller prüft die Datenbank", "muller"),
        ("Der Müller prüft die Datenbank", "MÜLLER"),
        ("Le café est fermé", "cafe ferme"),
        ("Le café est fermé", "Fermé"),
        ("AWS東京リージョンで障害", "東京"),
        ("AWS東京リージョンで障害", "aws"),
    ],
)
async def test_accents_and_scripts_without_spaces_hide_no_word(
    index: PineconeIndex, written: str, asked: str
) -> None:
    await add(index, document(), "something else", written)

    assert [one.ordinal for one in await found(index, asked)] == [1]


@pytest.mark.parametrize(("title", "asked"), [("Übersicht Müller", "muller"), ("障害報告", "報告")])
async def test_accents_and_scripts_without_spaces_hide_no_title(
    index: PineconeIndex, title: str, asked: str
) -> None:
    await add(index, document(title=title), "some text")

    assert len(await found(index, asked)) == 1


@pytest.mark.parametrize("phrase", ["東京リージョン", "disk is full", "Le café"])
async def test_an_exact_phrase_is_found_in_every_script(index: PineconeIndex, phrase: str) -> None:
    await add(index, document(), "AWS東京リージョンで障害", "the disk is full", "Le café est fermé", "京東")

    assert len(await found(index, phrase, phrase)) == 1


async def test_an_exact_phrase_may_stand_in_the_title(index: PineconeIndex) -> None:
    await add(index, document(title="Disk is full"), "something", "something else")

    assert len(await found(index, "disk is full", "disk is full")) == 2


async def test_a_question_as_long_as_it_may_be_fits_into_a_request(index: PineconeIndex) -> None:
    await add(index, document(), "the disk is full")
    long = " ".join(f"wörd{n:04}-ö{n:04}" for n in range(150))

    assert await found(index, long[:2_000]) == []
    assert await found(index, "\U0001d518" * 2_000) == []


async def test_vectors_of_another_model_are_never_compared(server: PineconeServer) -> None:
    server.add_index(NAME, schema(DIMENSION))
    addresses = PineconeAddress(server.key, index_host=server.host(NAME))
    theirs = PineconeIndex(addresses, EmbeddingSpace("another", DIMENSION), first_wait_s=0.001)
    ours = PineconeIndex(addresses, SPACE, first_wait_s=0.001)
    async with theirs, ours:
        await add(theirs, document(), "the disk is full")

        assert await ours.dense(SCOPE, rows(1)[0], 10) == []
        assert len(await found(ours, "disk")) == 1


# Writing


async def test_a_long_document_is_sent_in_small_requests_several_at_once() -> None:
    space = EmbeddingSpace("wide", 1_536)
    async with PineconeServer() as server, index_on(server, space) as index:
        texts = [f"disk {n} " + "あ" * 900 for n in range(500)]
        server.answer_a_crowd(2)
        async with asyncio.timeout(20):
            await index.write(document(), chunks(*texts), rows(500, 1_536))
        await index.publish(document())

        upserts = [len(body["documents"]) for body in server.asked_of("/upsert")]
        assert sum(upserts) == 500
        assert max(upserts) <= 100
        assert 2 <= server.most_at_once <= 6
        assert len(await index.keyword(SCOPE, Query("disk"), 1_000)) == 500


async def test_odd_characters_come_back_as_ones_that_can_be_stored(index: PineconeIndex) -> None:
    await add(index, document(title="\ud800 report"), "broken \ud800 text\x00here")

    (one,) = await found(index, "broken report")
    assert one.text == "broken ? text here"


async def test_a_document_in_very_many_channels_keeps_within_what_a_record_may_have(
    server: PineconeServer, index: PineconeIndex
) -> None:
    channels = frozenset(ChannelId(f"C{n:010}") for n in range(5_000))
    doc = IndexedDocument(TEAM, DocumentId("d1"), 1, "Runbook", channels)

    await add(index, doc, "the disk is full")

    (record,) = server.records(NAME, "T1").values()
    assert len(record["channels"]) == 1_500


async def test_publishing_returns_when_searches_find_what_was_written() -> None:
    async with PineconeServer(lag=4) as server, index_on(server) as index:
        await add(index, document(), *(f"disk {n}" for n in range(30)))

        assert len(await found(index, "disk")) == 30
        assert len(await index.dense(SCOPE, rows(1)[0], 100)) == 30
        await add(index, document(generation=2), "disk again")

        assert [one.chunk_id for one in await found(index, "disk")] == ["d1:2:0"]
        assert list(server.records(NAME, "T1")) == ["d1:2:0"]


async def test_publishing_reaches_records_that_an_update_does_not_see_yet() -> None:
    async with PineconeServer(lag=3, shortsighted=True) as server, index_on(server) as index:
        await add(index, document(), *(f"disk {n}" for n in range(30)))

        assert len(await found(index, "disk")) == 30
        assert server.counted["update"] > 1


async def test_publishing_a_title_without_words_waits_for_vectors_alone() -> None:
    async with PineconeServer(lag=2) as server, index_on(server) as index:
        await add(index, document(title="— ?"), "the disk is full")

        assert len(await found(index, "disk")) == 1


async def test_a_document_that_is_deleted_while_it_is_published_stays_deleted() -> None:
    async with PineconeServer(lag=1_000_000) as server, index_on(server) as index:
        await index.write(document(), chunks("the disk is full"), rows(1))
        publishing = asyncio.create_task(index.publish(document()))
        await server.until("search", 3)

        await index.delete(TEAM, DocumentId("d1"))

        await asyncio.wait_for(publishing, 10)
        assert server.records(NAME, "T1") == {}


async def test_what_is_deleted_stays_hidden_when_it_is_written_anew_before_that_shows() -> None:
    async with PineconeServer(lag=1_000) as server, index_on(server) as index:
        await index.write(document(), chunks("the disk is full"), rows(1))
        server.settle()
        publishing = asyncio.create_task(index.publish(document()))
        await server.until("update", 1)
        server.settle()
        await publishing

        await index.delete(TEAM, DocumentId("d1"))
        await index.write(document(), chunks("the disk is full"), rows(1))

        server.settle()
        assert await found(index, "disk") == []


async def test_another_process_knows_what_is_shown_from_the_index(server: PineconeServer) -> None:
    async with index_on(server) as first, index_on(server) as second:
        await add(first, document(), "one", "two")

        await second.write(document(), chunks("one", "two"), rows(2))
        assert len(await found(second, "one two")) == 2
        assert await second.copy(DocumentId("d1"), document("d2")) == 2
        await second.publish(document())

        assert await first.inventory(TEAM) == {
            "d1": Held(1, 2, frozenset({C1}), newest=1),
            "d2": Held(None, 0, frozenset(), strays=2, newest=1),
        }


async def test_a_long_document_is_copied_page_by_page(server: PineconeServer, index: PineconeIndex) -> None:
    await add(index, document(), *(f"disk {n}" for n in range(250)))

    assert await index.copy(DocumentId("d1"), document("d2")) == 250
    await index.publish(document("d2"))

    assert len(await index.keyword(SCOPE, Query("disk"), 1_000)) == 500
    assert server.counted["fetch"] == 3 + 4  # the pages, and of either whether it is shown, and a newer one


async def test_records_that_disagree_about_their_channels_show_in_the_inventory(
    server: PineconeServer, index: PineconeIndex
) -> None:
    await add(index, document(), "one", "two")
    server.records(NAME, "T1")["d1:1:1"]["channels"] = ["C2"]

    assert await index.inventory(TEAM) == {"d1": Held(1, 2, frozenset(), newest=1)}


async def test_an_unknown_workspace_has_nothing(index: PineconeIndex) -> None:
    assert await index.inventory(WorkspaceId("T9")) == {}


# Bad days


@pytest.mark.parametrize("fault", [BUSY, CUT, limited(0, "slow down"), Fault(500)])
@pytest.mark.parametrize("verb", ["upsert", "update", "delete", "search"])
async def test_a_passing_failure_loses_nothing(
    server: PineconeServer, index: PineconeIndex, verb: str, fault: Fault
) -> None:
    server.fault(f"/documents/{verb}", fault)

    await add(index, document(), "the disk is full")

    assert len(await found(index, "disk")) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (BUSY, ProviderUnavailable),
        (limited(0, "Too many requests"), RateLimited),
        (Fault(400, "my secret text"), OperatorError),
        (Fault(402, "pay"), OperatorError),
        (limited(0, "You've reached your read unit limit for the current month."), OperatorError),
        (Fault(200, "{}"), ProviderUnavailable),
        (Fault(200, "<html>"), ProviderUnavailable),
        (Fault(200, '{"matches": null}'), ProviderUnavailable),
    ],
)
async def test_a_lasting_failure_says_who_acts_next(
    server: PineconeServer, index: PineconeIndex, fault: Fault, kind: type[FaultMavenError]
) -> None:
    server.fault("/documents/search", *[fault] * 4)

    with pytest.raises(kind) as failed:
        await found(index, "disk")
    assert "secret" not in f"{failed.value!r} {failed.value.advice}"


async def test_a_failing_batch_fails_the_write(server: PineconeServer, index: PineconeIndex) -> None:
    server.fault("/documents/upsert", Fault(400, "refused"))

    with pytest.raises(OperatorError):
        await index.write(document(), chunks("the disk is full"), rows(1))


async def test_a_silent_pinecone_costs_no_more_than_the_deadline(server: PineconeServer) -> None:
    connection = Connection(PineconeAddress(server.key, controller_host=server.url), SPACE)
    await connection.open()
    server.fault("/documents/list", HANG)

    async def request(documents: object) -> object:
        return await documents.list(namespace="x").to_list()  # type: ignore[attr-defined]

    with pytest.raises(ProviderUnavailable):
        await connection.call("list", request, deadline_s=0.05)
    await connection.close()


async def test_a_pinecone_that_is_down_is_left_alone_for_a_while(server: PineconeServer) -> None:
    now = [0.0]
    breaker = Breaker(failures=2, clock=lambda: now[0])
    connection = Connection(PineconeAddress(server.key, controller_host=server.url), SPACE, breaker=breaker)
    await connection.open()
    store = Store(connection)
    server.fault("/documents/list", *[BUSY] * 8)
    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await store.ping()
    asked = server.requests

    with pytest.raises(ProviderUnavailable):
        await store.ping()
    assert server.requests == asked

    now[0] = 31.0
    await store.ping()
    await connection.close()


async def test_a_ping_after_an_answer_costs_nothing(server: PineconeServer, index: PineconeIndex) -> None:
    await index.ping()
    asked = server.requests

    await index.ping()

    assert server.requests == asked


async def test_neither_the_key_nor_a_text_is_ever_logged(
    server: PineconeServer, index: PineconeIndex, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.fault("/documents/search", Fault(400, "my secret text"))
    await add_quietly(index)

    assert server.key not in caplog.text
    assert "my secret text" not in caplog.text


async def add_quietly(index: PineconeIndex) -> None:
    try:
        await add(index, document(title="my secret text"), "my secret text")
        await found(index, "my secret text")
    except OperatorError:
        pass
