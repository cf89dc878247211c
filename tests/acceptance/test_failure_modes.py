"""Failure modes of Slack bots that others met. `docs/failure-modes.md` lists all and where each is tested."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path

from support.bot import at_rest, bot_in, caught_up, chunks_in
from support.logs import logged
from support.pdf import make_pdf
from support.proxy import Proxy
from support.slack import ask, shown, verdict
from support.waiting import until

from bot.domain import WorkspaceId
from bot.playground.server import Playground

HALF_OPEN_S = 20.0
"""Two seconds until the pings are missed, two until the client is replaced, and Slack's own pauses."""
NOTES = b"the standby is promoted with pg_promote\n"


async def test_a_download_that_takes_its_time_delays_no_ack_and_is_done_once(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("download", how="hang")
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await slack.wait_for(lambda m: m.thread_ts == shared.ts and "downloading" in m.text)
        await caught_up(slack, bot)
        events = [delivery for delivery in slack.deliveries if delivery.kind == "events_api"]
        assert all(delivery.attempts == 1 for delivery in events)
        slack.faults.clear()
        await verdict(slack, shared.ts)


async def test_a_mention_and_a_file_in_one_message_are_answered_and_indexed_once(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        question = f"<@{slack.bot_user}> pg_promote"
        shared = await slack.share(alice, ops, "notes.txt", NOTES, text=question)
        await verdict(slack, shared.ts)
        await slack.wait_for(lambda m: bool(m.metadata) and "answer:" in str(m.metadata))
        await at_rest(slack, bot)
        assert "1 indexed" in shown(await ask(slack, alice, ops, "/fm status"))
    assert len(slack.messages(ops, shared.ts)) == 3


async def test_a_file_from_another_company_belongs_to_the_installation_it_was_delivered_for(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    team = slack.workspace.team_id
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "notes.txt", NOTES)
        await verdict(slack, shared.ts)
        ours = next(d.payload for d in slack.deliveries if d.payload["event"]["type"] == "file_shared")
        theirs = copy.deepcopy(ours) | {"event_id": "EvCONNECT", "team_id": "T0OTHER01"}
        theirs |= {"is_ext_shared_channel": True, "context_team_id": team}
        slack.deliver(theirs)
        await caught_up(slack, bot)
        async with bot.core.database.transaction() as tx:
            assert await tx.documents.find(WorkspaceId("T0OTHER01"), shared.file_id) is None
            assert await tx.documents.find(WorkspaceId(team), shared.file_id) is not None


async def test_a_login_page_instead_of_the_file_is_told_with_the_missing_scope(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    slack.faults.add("download", how="login_page")
    async with bot_in(slack, tmp_path) as bot:
        shared = await slack.share(alice, ops, "plan.pdf", make_pdf(["the plan"]))
        reply = await verdict(slack, shared.ts)
        assert await chunks_in(bot) == 0
    assert "lacks the scope files:read" in reply.text


async def test_an_answer_to_a_mention_in_a_thread_is_shown_in_that_thread(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        root = await slack.say(alice, ops, "what now?")
        await slack.say(alice, ops, f"<@{slack.bot_user}> failover", thread_ts=root)
        answer = await slack.wait_for(lambda m: m.user == slack.bot_user)
    assert answer.thread_ts == root


async def test_a_mention_without_a_question_is_answered_with_help(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        await slack.say(alice, ops, f"<@{slack.bot_user}>")
        answer = await slack.wait_for(lambda m: m.only_for == alice)
    assert "/fm search" in answer.text


async def test_a_command_is_acked_although_the_database_is_held_up(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path) as bot:
        async with bot.core.database.transaction():
            outcome = await slack.command(alice, ops, "/fm status")
        assert outcome.ok
        await slack.wait_for(lambda m: m.only_for == alice)


async def test_commands_are_acked_while_four_large_files_are_read(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    large = make_pdf([f"page {n}\n" + "replica failover queue disk\n" * 40 for n in range(150)])
    async with bot_in(slack, tmp_path):
        for n in range(4):
            await slack.share(alice, ops, f"{n}.pdf", large + b"\n" * n)
        outcomes = [await slack.command(alice, ops, "/fm help") for _ in range(20)]
        await slack.settled()
    assert all(outcome.ok for outcome in outcomes)
    assert all(d.attempts == 1 for d in slack.deliveries)


async def test_a_rejected_ticket_does_not_keep_the_bot_away(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        async with bot_in(slack, tmp_path):
            slack.faults.reject_tickets(1)
            slack.socket.drop()
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            assert (await verdict(slack, shared.ts)).text.startswith("Indexed")


async def test_an_outage_of_slack_ends_with_the_bot_back(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        async with bot_in(slack, tmp_path):
            slack.faults.add("apps.connections.open", status=503, times=6)
            slack.faults.reject_tickets(3)
            slack.socket.drop()
            shared = await slack.share(alice, ops, "notes.txt", NOTES)
            assert (await verdict(slack, shared.ts)).text.startswith("Indexed")


async def test_a_refreshed_connection_loses_nothing(tmp_path: Path) -> None:
    async with Playground.serve() as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        async with bot_in(slack, tmp_path) as bot:
            for n in range(6):
                await slack.share(alice, ops, f"{n}.txt", NOTES + str(n).encode())
                if n % 2:
                    await slack.socket.refresh()
            await at_rest(slack, bot)
            assert "6 indexed" in shown(await ask(slack, alice, ops, "/fm status"))


def under_way(slack: Playground) -> int:
    """How many events were sent to the bot and not acked yet."""
    return len([one for one in slack.deliveries if one.attempts and one.outcome == "pending"])


async def test_an_ack_that_finds_the_socket_cut_is_no_error_and_the_event_counts_once(tmp_path: Path) -> None:
    async with Playground.serve(retry_delays_s=(0.05,) * 20) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        with logged() as lines:
            async with bot_in(slack, tmp_path) as bot:
                async with bot.core.database.transaction():  # nothing is committed, and so nothing acked
                    shared = await slack.share(alice, ops, "notes.txt", NOTES)
                    await until(lambda: under_way(slack) > 0)
                    slack.socket.drop()
                    await slack.until(lambda: not slack.connected)
                await verdict(slack, shared.ts)
                await at_rest(slack, bot)
                assert "1 indexed" in shown(await ask(slack, alice, ops, "/fm status"))
    assert '"ack_not_sent"' in lines.getvalue()
    assert '"exception"' not in lines.getvalue()


async def test_what_arrives_while_it_stops_is_left_to_be_sent_again(tmp_path: Path) -> None:
    async with Playground.serve(retry_delays_s=(0.05,) * 100) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        with logged() as lines:
            async with bot_in(slack, tmp_path) as bot:
                await caught_up(slack, bot)
                known, held = len(slack.deliveries), asyncio.Event()

                async def tell_while_it_stops() -> None:
                    async with bot.core.database.transaction():  # stopping waits for the ack that this delays
                        await slack.say(alice, ops, "before")
                        await until(lambda: under_way(slack) == 1)
                        held.set()
                        await until(lambda: '"stopping"' in lines.getvalue())
                        await slack.say(alice, ops, "meanwhile")
                        await until(lambda: under_way(slack) == 2)

                telling = asyncio.create_task(tell_while_it_stops())
                await held.wait()
            await telling
        before, meanwhile = slack.deliveries[known:]
        assert before.outcome == "acked"
        assert meanwhile.outcome != "acked"
        assert '"warning"' not in lines.getvalue()
        async with bot_in(slack, tmp_path) as bot:
            await caught_up(slack, bot)
        assert meanwhile.outcome == "acked"


async def test_slack_limiting_events_is_taken_note_of(slack: Playground, tmp_path: Path) -> None:
    body = {
        "token": "x",
        "type": "app_rate_limited",
        "team_id": slack.workspace.team_id,
        "minute_rate_limited": 1518467820,
        "api_app_id": slack.workspace.app_id,
    }
    async with bot_in(slack, tmp_path):
        delivery = slack.deliver(body)
        await slack.settled()
    assert (delivery.outcome, delivery.attempts) == ("acked", 1)


async def test_a_half_open_socket_is_noticed_and_replaced(tmp_path: Path) -> None:
    async with Playground.serve(ack_timeout_s=0.5, retry_delays_s=(0.5,) * 20) as slack:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        origin = slack.workspace.origin
        async with Proxy(int(origin.rsplit(":", 1)[1])) as proxy:
            slack.workspace.origin = f"http://127.0.0.1:{proxy.port}"
            async with bot_in(slack, tmp_path, slack_api_url=f"{origin}/api/"):
                slack.workspace.origin = origin
                proxy.freeze()
                shared = await slack.share(alice, ops, "notes.txt", NOTES)
                await slack.wait_for(
                    lambda m: m.thread_ts == shared.ts and m.text.startswith("Indexed"), HALF_OPEN_S
                )
