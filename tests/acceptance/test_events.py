"""Events as Slack really sends them: repeated, in any order, while something is broken."""

from __future__ import annotations

import copy
from pathlib import Path

import aiohttp
from support.bot import bot_in, caught_up
from support.dialogue import mention, reply_to
from support.slack import ask, shown, verdict

from bot.playground.server import Playground

NOTES = b"the standby is promoted with pg_promote\n"


def replies(slack: Playground, channel: str, ts: str) -> list[str]:
    """What the bot has in a thread."""
    return [m.text for m in slack.messages(channel, ts)[1:] if m.user == slack.bot_user]


async def test_the_same_event_again_and_again_makes_one_document_and_one_reply(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        for delivery in [d for d in slack.deliveries if d.kind == "events_api"]:
            for attempt in (1, 2, 3):
                slack.deliver(delivery.payload, attempt=attempt, reason="timeout")
            other = copy.deepcopy(delivery.payload)
            other["event_id"] = f"{other['event_id']}X"
            slack.deliver(other)
        await caught_up(slack, bot)
        text = shown(await ask(slack, alice, ops, "/fm status"))
    assert "1 indexed" in text
    assert len(replies(slack, ops, shared.ts)) == 1


async def test_a_file_shared_in_two_channels_gets_a_verdict_in_each(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice])
    dev = slack.add_channel("dev", members=[alice, bob])
    async with bot_in(slack, tmp_path):
        first = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, first.ts)
        assert "notes.txt" not in shown(await ask(slack, bob, dev, "/fm search pg_promote"))
        again = await slack.share_again(first.file_id, alice, dev)
        assert (await verdict(slack, again.ts)).text.startswith("Indexed")
        assert f"<#{dev}>" in shown(await ask(slack, bob, dev, "/fm search pg_promote"))
        assert "1 indexed" in shown(await ask(slack, alice, ops, "/fm status"))


async def test_a_file_shared_in_a_thread_is_answered_in_that_thread(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        root = await slack.say(alice, ops, "what do we do?")
        await slack.share(alice, ops, "notes.txt", NOTES, thread_ts=root)
        assert (await verdict(slack, root)).text.startswith("Indexed")


async def test_the_reply_finds_its_thread_although_slack_tells_the_message_late(tmp_path: Path) -> None:
    async with Playground.serve(withhold=["channels:history", "groups:history"]) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        slack.faults.shares_not_ready(times=2)
        async with bot_in(slack, tmp_path):
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            assert (await verdict(slack, shared.ts)).text.startswith("Indexed")


async def test_no_event_is_lost_while_slack_does_not_say_who_we_are(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("auth.test", status=500, times=7)
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await caught_up(slack, bot)
        assert (await verdict(slack, shared.ts)).text.startswith("Indexed")


async def test_what_was_shared_is_indexed_after_a_restart_if_not_before(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("download", how="hang", times=99)
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await slack.wait_for(lambda m: m.thread_ts == shared.ts and "downloading" in m.text)
        slack.faults.clear()
        slack.faults.add("download", status=500)
    async with bot_in(slack, tmp_path):
        assert (await verdict(slack, shared.ts)).text.startswith("Indexed")
    assert len(replies(slack, ops, shared.ts)) == 1


async def test_a_post_that_went_through_although_the_connection_broke_is_not_posted_again(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("chat.postMessage", how="cut")
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
    assert len(replies(slack, ops, shared.ts)) == 1


async def test_a_deleted_file_can_no_longer_be_found_and_its_reply_says_so(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await slack.delete_file(shared.file_id)
        await slack.wait_for(lambda m: m.thread_ts == shared.ts and "was deleted" in m.text)
        assert "notes.txt" not in shown(await ask(slack, alice, ops, "/fm search pg_promote"))
        assert "0 indexed" in shown(await ask(slack, alice, ops, "/fm status"))


async def test_a_deletion_that_arrives_first_wins_over_the_share(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    shared = await slack.share(alice, ops, "notes.txt", NOTES)
    events = [d.payload for d in slack.deliveries]
    file_shared = next(e for e in events if e["event"]["type"] == "file_shared")
    deleted = copy.deepcopy(file_shared) | {"event_id": "EvDELETED"}
    deleted["event"] = {"type": "file_deleted", "file_id": shared.file_id, "event_ts": "1.0"}
    async with Playground.serve(delivery=slack.delivery) as other:
        bob = other.add_user("bob")
        general = other.add_channel("general", members=[bob])
        async with bot_in(other, tmp_path) as bot:
            other.deliver(deleted)
            await caught_up(other, bot)
            other.deliver(file_shared)
            await caught_up(other, bot)
            later = await other.share(bob, general, "later.txt", NOTES)
            await verdict(other, later.ts)
            assert not [c for c in other.calls if c.arguments.get("file") == shared.file_id]


async def test_a_file_taken_out_of_a_channel_is_no_longer_found_there(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    dev = slack.add_channel("dev", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        again = await slack.share_again(shared.file_id, alice, dev)
        await verdict(slack, again.ts)
        await slack.unshare(shared.file_id, alice, ops)
        await caught_up(slack, bot)
        assert "notes.txt" in shown(await ask(slack, alice, dev, "/fm search pg_promote"))
        assert "notes.txt" not in shown(await ask(slack, bob, ops, "/fm search pg_promote"))


async def test_whoever_leaves_a_channel_finds_nothing_of_it_any_more(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    lobby = slack.add_channel("lobby", members=[alice, bob])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        assert "notes.txt" in shown(await ask(slack, bob, lobby, "/fm search pg_promote"))
        await slack.leave(bob, ops)
        await caught_up(slack, bot)
        assert "notes.txt" not in shown(await ask(slack, bob, lobby, "/fm search pg_promote"))


async def test_a_channel_that_the_bot_left_is_no_longer_searched(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    lobby = slack.add_channel("lobby", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        await slack.leave(slack.bot_user, ops, removed_by=alice)
        await caught_up(slack, bot)
        assert "notes.txt" not in shown(await ask(slack, alice, lobby, "/fm search pg_promote"))


async def test_when_slack_does_not_say_what_somebody_may_read_they_are_told_and_find_nothing(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        slack.faults.add("users.conversations", error="internal_error", times=20)
        answer = await ask(slack, alice, ops, "/fm search pg_promote")
    assert "could not check" in answer.text
    assert "notes.txt" not in shown(answer)


async def test_an_answer_reaches_the_asker_although_the_commands_own_address_is_dead(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("response_url", status=404)
    async with bot_in(slack, tmp_path):
        answer = await ask(slack, alice, ops, "/fm help")
    assert "/fm search" in answer.text
    assert [c.method for c in slack.calls].count("chat.postEphemeral") == 1


async def test_an_event_nobody_handles_is_taken_all_the_same(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    slack.add_channel("ops", members=[alice])
    body = {
        "type": "event_callback",
        "team_id": slack.workspace.team_id,
        "api_app_id": slack.workspace.app_id,
        "event_id": "EvUNKNOWN1",
        "event_time": 1,
        "event": {"type": "something_new", "user": alice, "event_ts": "1.0"},
        "authorizations": [{"team_id": slack.workspace.team_id, "user_id": slack.bot_user, "is_bot": True}],
    }
    async with bot_in(slack, tmp_path) as bot:
        delivery = slack.deliver(body)
        await caught_up(slack, bot)
    assert delivery.outcome == "acked"
    assert delivery.attempts == 1


async def test_a_mention_and_a_direct_message_are_answered_in_their_threads(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    direct = slack.direct_channel(alice)
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        asked = await mention(slack, alice, ops, "how is the standby promoted?")
        assert "notes.txt" in shown(await reply_to(slack, ops, asked))
        asked = await slack.say(alice, direct, "how is the standby promoted?")
        assert "notes.txt" in shown(await reply_to(slack, direct, asked))


async def test_a_file_sent_to_the_bot_directly_is_told_where_to_share_it(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    direct = slack.direct_channel(alice)
    async with bot_in(slack, tmp_path):
        await slack.share(alice, direct, "notes.txt", NOTES)
        said = await slack.wait_for(lambda m: m.channel == direct and m.user == slack.bot_user)
    assert "Share this one in a channel" in said.text


async def test_a_request_with_a_wrong_signature_is_refused(tmp_path: Path) -> None:
    async with Playground.serve(delivery="http") as slack, bot_in(slack, tmp_path) as bot:
        async with aiohttp.ClientSession() as session:
            headers = {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"}
            body = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "file_shared"}}
            async with session.post(f"{bot.url}/slack/events", json=body, headers=headers) as response:
                assert response.status == 401
        async with bot.core.database.transaction() as tx:
            assert await tx.inbox.pending_count() == 0
