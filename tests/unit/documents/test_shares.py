from __future__ import annotations

from bot.database import Database
from bot.domain import ChannelId, DocumentId, FileId, Message, UserId, WorkspaceId

T1 = WorkspaceId("T1")
C1, C2 = ChannelId("C1"), ChannelId("C2")


async def accepted(database: Database, *messages: Message) -> DocumentId:
    async with database.transaction() as tx:
        for message in messages:
            result = await tx.documents.accept(T1, FileId("F1"), message, now=1.0)
    return result.document_id


async def test_a_message_completes_its_share(database: Database) -> None:
    document_id = await accepted(database, Message(C1))
    async with database.transaction() as tx:
        message = Message(C1, "1.0", "0.5", UserId("U1"))
        await tx.documents.fill_message(document_id, message)
        await tx.documents.fill_message(document_id, message, "https://example.slack.com/p1")
        (share,) = await tx.documents.of(document_id)
    assert (share.message_ts, share.thread_ts, share.shared_by) == ("1.0", "0.5", "U1")
    assert share.permalink == "https://example.slack.com/p1"


async def test_another_message_with_the_same_file_does_not_mix_into_the_share(database: Database) -> None:
    document_id = await accepted(database, Message(C1, "1.0"))
    async with database.transaction() as tx:
        await tx.documents.fill_message(document_id, Message(C1, "2.0", "1.9", UserId("U2")), "https://two")
        (share,) = await tx.documents.of(document_id)
    assert (share.message_ts, share.thread_ts, share.shared_by, share.permalink) == ("1.0", None, None, None)


async def test_being_listed_in_a_channel_opens_no_document_to_it(database: Database) -> None:
    document_id = await accepted(database, Message(C1, "1.0"))
    async with database.transaction() as tx:
        await tx.documents.fill_message(document_id, Message(C2, "1.0"))
        assert await tx.documents.channels(document_id) == {C1}


async def test_removing_a_share_closes_the_document_to_that_channel_only(database: Database) -> None:
    document_id = await accepted(database, Message(C1), Message(C2))
    async with database.transaction() as tx:
        assert await tx.documents.remove_share(document_id, C1)
        assert not await tx.documents.remove_share(document_id, C1)
        assert await tx.documents.channels(document_id) == {C2}
        assert [reply.channel_id for reply in await tx.replies.stale(now=1.0, limit=5)] == [C2]


async def test_a_file_shared_again_after_its_removal_is_readable_again(database: Database) -> None:
    document_id = await accepted(database, Message(C1, "1.0"))
    async with database.transaction() as tx:
        await tx.documents.remove_share(document_id, C1)
    await accepted(database, Message(C1, "2.0"))
    async with database.transaction() as tx:
        (share,) = await tx.documents.of(document_id)
        assert share.message_ts == "2.0"
        assert [reply.message_ts for reply in await tx.replies.stale(now=1.0, limit=5)] == ["2.0"]


async def test_a_list_of_channels_closes_a_document_to_all_others_and_opens_none(database: Database) -> None:
    document_id = await accepted(database, Message(C1, "1.0"), Message(C2, "2.0"))
    async with database.transaction() as tx:
        for removed in ([C1], []):
            assert await tx.documents.shares_listed(document_id, frozenset({C2, ChannelId("C3")})) == removed
            assert await tx.documents.channels(document_id) == {C2}
        assert await tx.documents.shares_listed(document_id, frozenset()) == [C2]
