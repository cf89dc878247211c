"""The main job, through the unmodified app: a file shared in Slack is found with /fm search."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.bot import bot_in
from support.pdf import make_pdf
from support.slack import ask, shown, verdict

from bot.playground.server import Playground

SHARED = Path(__file__).parents[3] / "shared" / "data" / "files"
RUNBOOK = make_pdf(
    [
        "Database failover runbook\nWho is on call decides. Read all of it before you act.",
        "Step one: stop the writers.\nSet the payments service to read only with svcctl pause payments-7.",
        "Step two: promote the standby replica.\nRun pg_promote and wait until replication lag is zero.",
    ]
)
POSTMORTEM = b"# Postmortem: checkout outage\n\nThe disk of the queue was full (ENOSPC), nobody was paged.\n"
SALARIES = b"name,role,salary\nCarol,engineer,confidential-93000\n"


async def test_a_shared_pdf_is_found_with_page_quote_sharer_date_and_permalink(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "failover.pdf", RUNBOOK)
        reply = await verdict(slack, shared.ts)
        assert reply.text == 'Indexed "failover.pdf": 3 pages, 3 passages'
        text = shown(await ask(slack, bob, ops, "/fm search promote the standby"))
    assert "[1] " in text
    assert ", p. 3" in text
    assert "pg_promote" in text
    assert f"<@{alice}>" in text
    assert f"<#{ops}>" in text
    assert "<!date^" in text
    assert f"/archives/{ops}/p{shared.ts.replace('.', '')}" in text


async def test_each_person_finds_what_is_in_their_channels_and_nothing_else(
    slack: Playground, tmp_path: Path
) -> None:
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    board = slack.add_channel("board", members=[alice], is_private=True)
    async with bot_in(slack, tmp_path):
        for person, channel, name, data in (
            (alice, ops, "failover.pdf", RUNBOOK),
            (bob, ops, "postmortem.md", POSTMORTEM),
            (alice, board, "salaries.csv", SALARIES),
        ):
            await verdict(slack, (await slack.share(person, channel, name, data)).ts)
        hers = shown(await ask(slack, alice, ops, "/fm search confidential-93000"))
        his = shown(await ask(slack, bob, ops, "/fm search confidential-93000"))
        his_status = shown(await ask(slack, bob, ops, "/fm status"))
        both = [shown(await ask(slack, person, ops, "/fm search ENOSPC")) for person in (alice, bob)]
    assert "salaries.csv" in hers
    assert "Carol" in hers
    assert "salaries" not in his
    assert "Carol" not in his
    assert "salaries" not in his_status
    assert "2 indexed" in his_status
    assert all("postmortem.md" in text for text in both)


async def test_a_question_that_no_file_answers_gets_no_passages(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        await verdict(slack, (await slack.share(alice, ops, "postmortem.md", POSTMORTEM)).ts)
        answer = await ask(slack, alice, ops, "/fm search vacation allowance of apprentices")
    assert answer.text.startswith("Nothing about “vacation allowance of apprentices”")


async def test_the_one_reply_is_posted_once_and_edited_in_place(slack: Playground, tmp_path: Path) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        shared = await slack.share(alice, ops, "failover.pdf", RUNBOOK)
        await verdict(slack, shared.ts)
        await slack.settled()
    replies = slack.messages(ops, shared.ts)[1:]
    assert len(replies) == 1
    posts = [call for call in slack.calls if call.method == "chat.postMessage"]
    assert len(posts) == 1
    edits = [call for call in slack.calls if call.method == "chat.update"]
    assert all(call.arguments["ts"] == replies[0].ts for call in edits)


async def test_a_file_that_can_not_be_read_is_told_so_with_what_to_do(
    slack: Playground, tmp_path: Path
) -> None:
    alice = slack.add_user("alice")
    ops = slack.add_channel("ops", members=[alice])
    async with bot_in(slack, tmp_path):
        scan = await slack.share(alice, ops, "scan.pdf", make_pdf([""]))
        noise = await slack.share(alice, ops, "disk.img", bytes(range(256)) * 40)
        for_scan, for_noise = await verdict(slack, scan.ts), await verdict(slack, noise.ts)
        after = await slack.share(alice, ops, "notes.txt", b"the honest file after them")
        assert (await verdict(slack, after.ts)).text.startswith("Indexed")
        text = shown(await ask(slack, alice, ops, "/fm status"))
    assert for_scan.text.startswith('Could not index "scan.pdf": no text found')
    assert for_noise.text.startswith('Could not index "disk.img": ')
    assert "1 indexed, 2 failed" in text
    assert "no text found" in text


async def test_real_documents_of_two_people_are_found_on_the_right_page(
    slack: Playground, tmp_path: Path
) -> None:
    if not SHARED.is_dir():
        pytest.skip("needs the collection of real documents beside the checkout")
    alice, bob = slack.add_user("alice"), slack.add_user("bob")
    ops = slack.add_channel("ops", members=[alice, bob])
    room = slack.add_channel("room", members=[bob], is_private=True)
    documents = (
        (alice, ops, "pdf__multi_page.pdf"),
        (bob, ops, "md__sinthgunt.md"),
        (bob, room, "ground_truth/wp_lo1.pdf"),
    )
    async with bot_in(slack, tmp_path):
        for person, channel, name in documents:
            shared = await slack.share(person, channel, Path(name).name, (SHARED / name).read_bytes())
            assert (await verdict(slack, shared.ts)).text.startswith("Indexed ")
        for person in (alice, bob):
            macintosh = shown(await ask(slack, person, ops, '/fm search "MacWrite" legal professionals'))
            assert "[1] " in macintosh
            assert "pdf__multi_page.pdf" in macintosh
            assert ", p. 2" in macintosh
            assert "md__sinthgunt.md" in shown(await ask(slack, person, ops, "/fm search sinthgunt"))
        question = '/fm search "painstaking and brave officer" Berg'
        his = shown(await ask(slack, bob, ops, question))
        hers = shown(await ask(slack, alice, ops, question))
    assert "wp_lo1.pdf" in his
    assert ", p. 40" in his
    assert "wp_lo1" not in hers
    assert "Berg" not in hers.removeprefix("Nothing about “painstaking and brave officer Berg”")
