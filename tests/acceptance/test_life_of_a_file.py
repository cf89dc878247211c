"""What becomes of a file after it was shared: changed, moved, deleted, shared again, forgotten by Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.bot import at_rest, bot_in, caught_up, chunks_in
from support.slack import ask, shown, verdict

from bot.app import Running
from bot.domain import ChannelId, Chunk, DocumentId, IndexedDocument, WorkspaceId
from bot.ingest.upkeep import CHECK_EVERY_S, Upkeep
from bot.playground import membership
from bot.playground.server import Playground
from bot.ports import Vectors

NOTES = b"the standby is promoted with pg_promote\n"
EDITED = b"the standby is promoted with patronictl failover\n"
DAY_S = 86_400.0


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    """Over HTTP: that the way events come makes no difference is shown by `test_events`."""
    async with Playground.serve(delivery="http") as playground:
        yield playground


async def found(slack: Playground, user: str, channel: str, words: str) -> bool:
    """Whether a search of this person shows a passage."""
    return "[1]" in shown(await ask(slack, user, channel, f"/fm search {words}"))


async def vectors_of(bot: Running, text: str) -> Vectors:
    """The vectors of one text, as the bot makes them."""
    return await bot.core.ingest.embeddings.embed_documents([text])


def upkeep(bot: Running) -> Upkeep:
    """The upkeep of a bot, as after a long time."""
    return Upkeep(bot.core.ingest, purge_after_s=0.0)


async def test_an_edited_file_is_found_by_its_new_words_and_no_longer_by_the_old(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await slack.change_file(shared.file_id, data=EDITED)
        await at_rest(slack, bot)
        assert await found(slack, alice, ops, '"patronictl failover"')
        assert not await found(slack, alice, ops, '"pg_promote"')
        assert await chunks_in(bot) == 1


async def test_the_old_words_answer_until_the_new_ones_are_there(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        slack.faults.add("download", how="hang", times=99)
        await slack.change_file(shared.file_id, data=EDITED)
        await slack.wait_for(lambda m: m.thread_ts == shared.ts and "downloading" in m.text)
        assert await found(slack, alice, ops, '"pg_promote"')
        slack.faults.clear()
        await slack.change_file(shared.file_id, data=EDITED)
        await at_rest(slack, bot)
        assert await found(slack, alice, ops, '"patronictl failover"')


async def test_a_new_title_is_shown_without_reading_the_file_again(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await slack.change_file(shared.file_id, title="Failover for beginners")
        await at_rest(slack, bot)
        answer = shown(await ask(slack, alice, ops, "/fm search beginners"))
        async with bot.core.database.transaction() as tx:
            document = await tx.documents.find(WorkspaceId(slack.workspace.team_id), shared.file_id)
    assert "Failover for beginners" in answer
    assert document is not None
    assert document.generation == 1, "the same bytes make no new generation"


async def test_the_same_bytes_shared_again_are_not_embedded_again(slack: Playground, tmp_path: Path) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice])
    dev = slack.add_channel("dev", members=[bob])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        again = await slack.share(bob, dev, "copy of notes.txt", NOTES)
        reply = await verdict(slack, again.ts)
        assert reply.text == 'Indexed "copy of notes.txt": 1 page, 1 passage'
        assert await found(slack, bob, dev, "pg_promote")
        stages = [m for m in slack.calls if m.method == "chat.update" and "embedding" in m.arguments["text"]]
        assert await chunks_in(bot) == 2
    assert len(stages) <= 1


async def test_what_retention_removed_without_a_word_is_found_out_and_forgotten(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        kept = await slack.share(alice, ops, "kept.txt", b"the kept one about replicas")
        await verdict(slack, shared.ts)
        await verdict(slack, kept.ts)
        await slack.expire_file(shared.file_id)
        assert await upkeep(bot).sweep() == 2
        assert not await found(slack, alice, ops, '"pg_promote"')
        assert await found(slack, alice, ops, '"kept one"')
        assert await chunks_in(bot) == 1
        assert await upkeep(bot).sweep() == 0, "nobody is asked twice a day"
    assert CHECK_EVERY_S == DAY_S


async def test_an_unshare_whose_event_was_lost_is_found_out(slack: Playground, tmp_path: Path) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    dev = slack.add_channel("dev", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await verdict(slack, (await slack.share_again(shared.file_id, alice, dev)).ts)
        file = slack.workspace.files[shared.file_id]
        file.shares = [share for share in file.shares if share.channel != ops]
        async with bot.core.database.transaction() as tx:
            document = await tx.documents.find(WorkspaceId(slack.workspace.team_id), shared.file_id)
            assert document is not None
        later = bot.core.ingest.clock() + 2 * DAY_S
        await Upkeep(_at(bot, later), purge_after_s=0.0).sweep()
        assert not await found(slack, bob, ops, "pg_promote")
        assert await found(slack, alice, dev, "pg_promote")


async def test_a_deleted_channel_takes_its_files_along(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    lobby = slack.add_channel("lobby", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        both = await slack.share(alice, ops, "both.txt", b"shared in both of them")
        await verdict(slack, both.ts)
        await verdict(slack, (await slack.share_again(both.file_id, alice, lobby)).ts)
        membership.delete_channel(slack.workspace, slack.workspace.channel(ops), slack.workspace.user(alice))
        await caught_up(slack, bot)
        assert not await found(slack, alice, lobby, '"pg_promote"')
        assert await found(slack, alice, lobby, '"both of them"')
        assert await chunks_in(bot) == 1


async def test_a_channel_that_gets_another_id_keeps_its_files(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        new = membership.change_id(slack.workspace, slack.workspace.channel(ops))
        await caught_up(slack, bot)
        assert await found(slack, alice, getattr(new, "id", new), "pg_promote")


async def test_an_archived_channel_is_still_searched_by_its_members(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    lobby = slack.add_channel("lobby", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        membership.archive(slack.workspace, slack.workspace.channel(ops), slack.workspace.user(alice))
        await caught_up(slack, bot)
        assert await found(slack, alice, lobby, "pg_promote")


async def test_a_deleted_message_closes_its_file_to_the_channel(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await slack.delete_message(ops, shared.ts)
        await caught_up(slack, bot)
        assert not await found(slack, alice, ops, "pg_promote")
        await Upkeep(_at(bot, bot.core.ingest.clock() + 2 * DAY_S), purge_after_s=0.0).sweep()
        assert await chunks_in(bot) == 0


async def test_a_workspace_that_uninstalls_is_no_longer_worked_for_and_then_purged(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        slack.workspace.uninstall()
        await caught_up(slack, bot)
        async with bot.core.database.transaction() as tx:
            team = WorkspaceId(slack.workspace.team_id)
            assert await tx.workspaces.uninstalled_before(bot.core.ingest.clock() + 1) == [team]
        await Upkeep(_at(bot, bot.core.ingest.clock() + 1), purge_after_s=0.0).purge()
        assert await chunks_in(bot) == 0
        async with bot.core.database.transaction() as tx:
            assert sum((await tx.documents.counts_all()).values()) == 0


async def test_invited_to_a_channel_it_offers_to_index_what_was_shared_before(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice], with_bot=False)
    files = [await slack.share(alice, ops, f"{n}.txt", f"old file number {n}".encode()) for n in range(3)]
    for file in slack.workspace.files.values():
        file.created -= 100
    async with bot_in(slack, tmp_path) as bot:
        await slack.join(slack.bot_user, ops, inviter=alice)
        offer = await slack.wait_for(lambda m: m.channel == ops and "Shall I index them" in m.text)
        assert "3 files were shared here before" in offer.text
        assert not await found(slack, alice, ops, '"old file"')
        assert await slack.press(alice, ops, offer.ts, "fm_backfill_start") is None
        await slack.wait_for(lambda m: m.ts == offer.ts and "3 files indexed" in m.text)
        await at_rest(slack, bot)
        assert await found(slack, alice, ops, '"old file"')
        replies = [m for file in files for m in slack.messages(ops, file.ts)[1:]]
    assert replies == [], "old threads are left in peace"


async def test_an_offer_that_is_declined_stays_declined(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice], with_bot=False)
    await slack.share(alice, ops, "old.txt", b"an old file")
    for file in slack.workspace.files.values():
        file.created -= 100
    async with bot_in(slack, tmp_path) as bot:
        await slack.join(slack.bot_user, ops, inviter=alice)
        offer = await slack.wait_for(lambda m: m.channel == ops and "Shall I index it" in m.text)
        await slack.press(alice, ops, offer.ts, "fm_backfill_decline")
        await slack.wait_for(lambda m: m.ts == offer.ts and "leave the earlier ones alone" in m.text)
        await at_rest(slack, bot)
        assert not await found(slack, alice, ops, '"old file"')


async def test_a_failed_file_is_read_again_on_request_by_whoever_can_see_it(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice])
    lobby = slack.add_channel("lobby", members=[bob])
    async with bot_in(slack, tmp_path) as bot:
        slack.faults.add("download", how="login_page")
        shared = await slack.share(alice, ops, "plan.bin.txt", NOTES)
        slack.workspace.files[shared.file_id].mimetype = "text/plain"
        assert "login page" in (await verdict(slack, shared.ts)).text
        assert "None of the files" in (await ask(slack, bob, lobby, "/fm retry plan.bin.txt")).text
        assert "again" in (await ask(slack, alice, ops, "/fm retry plan.bin.txt")).text
        await at_rest(slack, bot)
        assert (await verdict(slack, shared.ts)).text.startswith("Indexed")


async def test_database_and_index_are_made_to_agree_again(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        lost = await slack.share(alice, ops, "lost.txt", b"lost in the index")
        await verdict(slack, lost.ts)
        assert (await upkeep(bot).reconcile()).agree
        team = WorkspaceId(slack.workspace.team_id)
        async with bot.core.database.transaction() as tx:
            missing = await tx.documents.find(team, lost.file_id)
        assert missing is not None
        ghost = IndexedDocument(team, DocumentId("ghost"), 1, "gone.txt", frozenset({ChannelId(ops)}))
        await bot.core.index.write(ghost, [Chunk(0, 1, 0, 4, "gone")], await vectors_of(bot, "gone"))
        await bot.core.index.publish(ghost)
        await bot.core.index.delete(team, missing.id)
        told = await upkeep(bot).reconcile(repair=False)
        assert (told.missing, told.orphans) == (1, 1)
        assert await upkeep(bot).reconcile() == told
        await at_rest(slack, bot)
        assert (await upkeep(bot).reconcile()).agree
        assert await found(slack, alice, ops, '"lost in the index"')


def _at(bot: Running, now: float) -> object:
    """The write path of a bot at another time of day."""
    ingest = bot.core.ingest
    fields = {name: getattr(ingest, name) for name in ingest.__slots__} | {"clock": lambda: now}
    return type(ingest)(**fields)


async def test_a_channel_made_private_is_searched_by_its_members_alone(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    lobby = slack.add_channel("lobby", members=[alice, bob])
    async with bot_in(slack, tmp_path) as bot:
        await verdict(slack, (await slack.share(alice, ops, "notes.txt", NOTES)).ts)
        await slack.leave(bob, ops)
        slack.workspace.channel(ops).is_private = True
        await caught_up(slack, bot)
        assert await found(slack, alice, lobby, "pg_promote")
        assert not await found(slack, bob, lobby, "pg_promote")


async def test_a_backfill_that_was_cut_off_goes_on_after_a_restart(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice], with_bot=False)
    for n in range(3):
        await slack.share(alice, ops, f"{n}.txt", f"old file number {n}".encode())
    for file in slack.workspace.files.values():
        file.created -= 100
    async with bot_in(slack, tmp_path):
        await slack.join(slack.bot_user, ops, inviter=alice)
        offer = await slack.wait_for(lambda m: m.channel == ops and "Shall I index them" in m.text)
        slack.faults.add("files.list", status=500, times=20)
        await slack.press(alice, ops, offer.ts, "fm_backfill_start")
        await slack.wait_for(lambda m: m.ts == offer.ts and "looking through" in m.text)
        await slack.until(lambda: [c.outcome for c in slack.calls if c.method == "files.list"][-1] != "ok")
    slack.faults.clear()
    async with bot_in(slack, tmp_path) as bot:
        async with bot.core.database.transaction() as tx:
            [row] = await tx.backfills.due(now=bot.core.ingest.clock() + DAY_S)
        assert row.state == "running"
        await slack.wait_for(lambda m: m.ts == offer.ts and "3 files indexed" in m.text, 40)
        assert await found(slack, alice, ops, '"old file"')
