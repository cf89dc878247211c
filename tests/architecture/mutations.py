"""Every single check by which nobody learns what they may not read, and how it is taken away.

`benchmarks/access_mutations.py` takes each away in a copy of the project and shows that a test notices; a
test here shows that each is still there to be taken away.
"""

from __future__ import annotations

from dataclasses import dataclass

HISTORIES = "histories"
"""The random histories of `benchmarks/access_histories.py`."""
AUDIENCE = "tests/acceptance/test_access_audience.py"
PEOPLE = "tests/acceptance/test_access_people.py"
RIGHTS = "tests/acceptance/test_access_rights.py"
BUTTONS = "tests/acceptance/test_result_buttons.py"
EVENTS = "tests/acceptance/test_events.py"
ACCESS = "tests/unit/search/test_access.py"
READS = "tests/unit/documents/test_reads.py"
SCOPES = "tests/unit/documents/test_reads_need_a_scope.py"
QUEUE = "tests/unit/documents/test_queue.py"
SLACK = "tests/integration/test_slack_files.py"
SETTINGS = "tests/acceptance/test_home_settings.py"
CONSOLE = "tests/acceptance/test_console.py"
SIGN_IN = "tests/acceptance/test_console_sign_in.py"
SAID = "tests/unit/providers/test_slack_people.py"


@dataclass(frozen=True)
class Mutation:
    """In `path`, `there` becomes `instead`; one of the tests in `seen_by` has to fail then."""

    check: str
    path: str
    there: str
    instead: str
    seen_by: tuple[str, ...] = (HISTORIES,)


INDEX = "bot/providers/local"
READS_PY, ACCESS_PY = "bot/documents/reads.py", "bot/search/access.py"
MEMBERSHIP, LISTENER = "bot/providers/slack/membership.py", "bot/slack/listeners/membership.py"

MUTATIONS = (
    # Scope first, in the index …
    Mutation(
        "the scope's channels in the index",
        f"{INDEX}/index_scope.py",
        "channel IN (SELECT value FROM json_each(:channels))",
        "TRUE",
    ),
    Mutation(
        "the workspace in the index",
        f"{INDEX}/index_scope.py",
        "    WHERE workspace = :workspace AND channel IN",
        "    WHERE channel IN",
    ),
    Mutation(
        "the scope in the search by words",
        f"{INDEX}/index_keyword.py",
        "from bot.providers.local.index_scope import ROW_IN_SCOPE, in_scope",
        'from bot.providers.local.index_scope import in_scope\n\nROW_IN_SCOPE = "TRUE"',
    ),
    Mutation(
        "the scope in the search by meaning",
        f"{INDEX}/index_read.py",
        "rows = db.execute(documents_in(scope), bound).fetchall()",
        'rows = db.execute("SELECT id FROM index_document").fetchall()',
    ),
    Mutation(
        "the scope where a passage's neighbours are read",
        f"{INDEX}/index_read.py",
        "        AND d.id IN ({{scope}})\n",
        "",
    ),
    Mutation(
        "the scope of the words that a misspelt one is taken for",
        f"{INDEX}/index_spelling.py",
        "WHERE term = ? AND doc >> {ORDINAL_BITS} IN temp.scope",
        "WHERE term = ?",
        ("tests/contracts/test_local_index.py", HISTORIES),
    ),
    Mutation(
        "corrections of misspelt words, in Postgres",
        "bot/providers/postgres/spelling.py",
        "(c.document IN (SELECT id FROM visible)) IS TRUE",
        "TRUE",
        ("tests/contracts/test_postgres_index.py",),
    ),
    Mutation(
        "people by name: those who shared in the scope",
        READS_PY,
        "                SHARE.c.channel_id.in_(among(scoped(scope).channels)),\n"
        "                _found_in(scope),\n",
        "                _found_in(scope),\n",
        ("tests/unit/documents/test_matching.py",),
    ),
    # … and in the database, on what is about to be shown.
    Mutation(
        "the second check: the shares in SQL",
        READS_PY,
        "                unindexed(SHARE.c.channel_id).in_(among(scoped(scope).channels)),\n",
        "",
    ),
    Mutation(
        "the second check, once more after reranking",
        "bot/search/pipeline.py",
        "readable = await self._readable(scope, retrieved, wanted)  # that took its time, elsewhere",
        "pass",
    ),
    Mutation(
        "the workspace of what is shown",
        READS_PY,
        "        unindexed(DOCUMENT.c.workspace_id) == scope.workspace,\n        DOCUMENT.c.tombstoned_at",
        "        DOCUMENT.c.tombstoned_at",
        (READS,),
    ),
    Mutation(
        "deleted files are not shown",
        READS_PY,
        "        DOCUMENT.c.tombstoned_at.is_(None),\n        DOCUMENT.c.status != Status.FAILED,",
        "        DOCUMENT.c.status != Status.FAILED,",
    ),
    Mutation(
        "failed files are not shown while the index still has them",
        READS_PY,
        "        DOCUMENT.c.status != Status.FAILED,  # also while what the index had is being removed\n",
        "",
        ("tests/unit/documents", "tests/acceptance/test_life_of_a_file.py"),
    ),
    Mutation(
        "the files that conditions leave are within the scope",
        READS_PY,
        "SHARE.c.channel_id.in_(among(scoped(scope).channels)), _found_in(scope), *_conditions(wanted)",
        "_found_in(scope), *_conditions(wanted)",
        ("tests/unit/documents", "tests/acceptance/test_search_language.py"),
    ),
    Mutation(
        "titles, counts and names are within the scope",
        READS_PY,
        "        DOCUMENT.c.id.in_(shared)\n",
        "        DOCUMENT.c.id.is_not(None)\n",
    ),
    Mutation(
        "titles, counts and names are of one workspace",
        READS_PY,
        "        & (unindexed(DOCUMENT.c.workspace_id) == scope.workspace)\n",
        "",
    ),
    Mutation(
        "titles, counts and names are not of deleted files",
        READS_PY,
        "        & DOCUMENT.c.tombstoned_at.is_(None)\n",
        "",
    ),
    Mutation(
        "a place in the queue counts what one may see",
        "bot/documents/claims.py",
        "            other.c.id.in_(within),\n",
        "",
        (QUEUE, AUDIENCE),
    ),
    Mutation(
        "a named channel is one of the scope's",
        "bot/search/narrow.py",
        "[ChannelId(mention.id)] if mention.id in scope.channels else []",
        "[ChannelId(mention.id)]",
    ),
    # A query without a scope can't be run.
    Mutation(
        "a read without a scope raises",
        "bot/domain/ids.py",
        "    if not isinstance(scope, Scope):\n",
        "    if False:\n",
        (SCOPES,),
    ),
    Mutation(
        "a scope is of one workspace and some channels",
        "bot/domain/ids.py",
        "not (isinstance(self.workspace, str) and self.workspace and isinstance(self.channels, frozenset))",
        "False",
        (SCOPES,),
    ),
    # Who reads what.
    Mutation(
        "the bot has to be in the channel, too",
        MEMBERSHIP,
        "return {channel: place for channel, place in theirs.items() if channel in ours}",
        "return theirs",
    ),
    Mutation(
        "bots, the deactivated and people of elsewhere read nothing",
        ACCESS_PY,
        "        if note := NO_READER.get(person.standing):\n",
        "        if note := None:\n",
    ),
    Mutation(
        "people of other companies read shared channels only",
        ACCESS_PY,
        "{channel for channel, place in places.items() if place.is_shared is True}",
        "set(places)",
    ),
    Mutation(
        "guests read no channel that they aren't in",
        ACCESS_PY,
        "if settings.public and person.standing is Standing.MEMBER:",
        "if settings.public:",
    ),
    Mutation(
        "public channels are open only where that is chosen",
        ACCESS_PY,
        "if settings.public and person.standing is Standing.MEMBER:",
        "if person.standing is Standing.MEMBER:",
    ),
    Mutation(
        "private channels are never open to all members",
        "bot/domain/people.py",
        "return self.is_private is False and self.is_shared is False",
        "return self.is_shared is False",
    ),
    Mutation(
        "channels shared with others are never open to all members",
        "bot/domain/people.py",
        "return self.is_private is False and self.is_shared is False",
        "return self.is_private is False",
    ),
    Mutation(
        "an unanswered look-up opens nothing",
        ACCESS_PY,
        "        return Access(_nothing(workspace), LOOKUP_FAILED)\n",
        "        return Access(Scope(workspace, frozenset(members.names_of(workspace))), LOOKUP_FAILED)\n",
    ),
    Mutation(
        "an ignored channel is in no scope",
        ACCESS_PY,
        "return Scope(workspace, frozenset(channels) - settings.ignored)",
        "return Scope(workspace, frozenset(channels))",
        (ACCESS,),
    ),
    Mutation(
        "of another workspace nobody is known",
        MEMBERSHIP,
        "        if workspace != await self._home():\n            return Person(Standing.ELSEWHERE)\n",
        "",
        (HISTORIES, PEOPLE),
    ),
    Mutation(
        "of another workspace no channel is known",
        MEMBERSHIP,
        '        if workspace != await self._home():\n            raise OperatorError("I am not installed',
        '        if False:\n            raise OperatorError("I am not installed',
        (SLACK,),
    ),
    Mutation(
        "guests are told from members",
        "bot/providers/slack/people.py",
        '    if said.get("is_restricted") is not False or said.get("is_ultra_restricted") is not False:\n',
        "    if False:\n",
    ),
    Mutation(
        "people of other companies are told from members",
        "bot/providers/slack/people.py",
        '    if said.get("is_stranger") or workspace not in teams:\n',
        "    if False:\n",
    ),
    Mutation(
        "the deactivated are told from members",
        "bot/providers/slack/people.py",
        '    if said.get("deleted") is not False:\n',
        "    if False:\n",
    ),
    # What all in a channel read.
    Mutation(
        "an answer for all in a channel is made of what all may read",
        "bot/slack/answering.py",
        "self.services.audience_of(workspace, delivery.channel)",
        "self.services.access_of(workspace, delivery.asker)",
        (AUDIENCE,),
    ),
    Mutation(
        "a passage is shared with a channel if all in it may read it",
        "bot/slack/results.py",
        "services.audience_of(press.workspace, press.channel)",
        "services.access_of(press.workspace, press.user)",
        (BUTTONS,),
    ),
    Mutation(
        "a guest keeps public channels out of what all read",
        ACCESS_PY,
        "here.is_shared is not False or not await members.members_only(workspace, channel):",
        "here.is_shared is not False:",
    ),
    Mutation(
        "another company keeps public channels out of what all read",
        ACCESS_PY,
        "if here is None or here.is_shared is not False or not await",
        "if here is None or not await",
        (HISTORIES, ACCESS),
    ),
    Mutation(
        "a receipt tells nothing where the file is no longer shared",
        "bot/slack/status_reply.py",
        "there = reply.shared and document.tombstoned_at is None",
        "there = True",
    ),
    # What is remembered is dropped.
    Mutation(
        "whoever leaves is asked for anew",
        LISTENER,
        "left(event: Event, context: AsyncBoltContext) -> None:\n        _forget(services, event, context)\n",
        "left(event: Event, context: AsyncBoltContext) -> None:\n        pass\n",
    ),
    Mutation(
        "when a channel changes or the bot leaves it, all are asked for anew",
        LISTENER,
        "(context: AsyncBoltContext) -> None:\n        services.members.forget(workspace_of(context))\n",
        "(context: AsyncBoltContext) -> None:\n        pass\n",
    ),
    Mutation(
        "a channel that is shared with another company is asked for anew",
        LISTENER,
        '    "channel_shared",\n',
        "",
    ),
    Mutation(
        "a channel that is made private is asked for anew",
        LISTENER,
        '    app.event({"type": "message", "subtype": "channel_convert_to_private"})(changed)\n',
        "",
        (PEOPLE,),
    ),
    Mutation(
        "whoever changed is asked for anew",
        LISTENER,
        '        services.members.forget(workspace_of(context), UserId(str(event["user"]["id"])))\n',
        "        pass\n",
    ),
    Mutation(
        "memberships are believed for a minute only",
        MEMBERSHIP,
        "MEMBERSHIP_TTL_S = 60.0",
        "MEMBERSHIP_TTL_S = 6e9",
        (SLACK,),
    ),
    Mutation(
        "an answer that an event overtook is not remembered",
        "bot/providers/slack/remembered.py",
        "            if changes == self._changes:\n",
        "            if True:\n",
        (SAID,),
    ),
    Mutation(
        "a bot that comes back to a channel asks for its files anew",
        LISTENER,
        "        await tx.documents.suspect_channel(workspace, channel)\n",
        "",
        (HISTORIES, RIGHTS),
    ),
    # What people decide.
    Mutation(
        "settings are changed by admins",
        "bot/slack/choices.py",
        "    if not (await asked.person()).is_admin:\n",
        "    if False:\n",
    ),
    Mutation(
        "a channel is ignored for those who are in it",
        "bot/slack/choices.py",
        "    if channel not in await asked.services.members.channels_of(asked.workspace, asked.user):\n",
        "    if False:\n",
    ),
    Mutation(
        "bots, strangers and the deactivated have no channel ignored",
        "bot/slack/choices.py",
        "    if (await asked.person()).standing not in {Standing.MEMBER, Standing.GUEST}:\n",
        "    if False:\n",
    ),
    Mutation(
        "of ignored channels one is shown one's own",
        "bot/slack/choices.py",
        "sorted(chosen.ignored & theirs.keys())",
        "sorted(chosen.ignored)",
        (RIGHTS,),
    ),
    Mutation(
        "a file is forgotten for its uploader or an admin",
        "bot/slack/rights.py",
        "        return words(NOT_YOURS)\n    return _question",
        "        pass\n    return _question",
    ),
    Mutation(
        "the button forgets for the uploader or an admin",
        "bot/slack/rights.py",
        "        return words(NOT_YOURS)\n    await forget_file",
        "        pass\n    await forget_file",
        (AUDIENCE,),
    ),
    Mutation(
        "the button knows no file out of its presser's reach",
        "bot/slack/rights.py",
        "not known or not (person.is_admin or seen):",
        "not known:",
        (AUDIENCE,),
    ),
    Mutation(
        "what is shared in an ignored channel is not taken in",
        "bot/ingest/retention.py",
        "    if message.channel in settings.ignored:\n        return False\n",
        "",
        (RIGHTS,),
    ),
    Mutation(
        "Slack's own list opens no ignored channel",
        "bot/ingest/locate.py",
        " | (await tx.workspaces.settings(workspace)).ignored",
        "",
        (RIGHTS,),
    ),
    Mutation(
        "an ignored channel stays ignored under another id",
        LISTENER,
        "            await tx.workspaces.rename_ignored(workspace_of(context), old, new)\n",
        "            pass\n",
        (HISTORIES, RIGHTS),
    ),
    Mutation(
        "what is older than the retention is not taken in",
        "bot/ingest/retention.py",
        "    return kept_s is None or message.ts is None or float(message.ts) >= now - kept_s\n",
        "    return True\n",
        (RIGHTS,),
    ),
    Mutation(
        "the page shows one's own questions",
        "bot/documents/searches.py",
        "            .where(SEARCH_LOG.c.workspace_id == workspace, SEARCH_LOG.c.asker == asker)\n",
        "            .where(SEARCH_LOG.c.workspace_id == workspace)\n",
        ("tests/acceptance/test_home.py",),
    ),
    Mutation(
        "whoever sends the form of the settings is asked of Slack anew",
        "bot/slack/settings_form.py",
        "    asked.services.members.forget(asked.workspace, asked.user)\n",
        "",
        (SETTINGS,),
    ),
    Mutation(
        "the form of the settings opens for admins",
        "bot/slack/settings_form.py",
        "    if not (await asked.person()).is_admin:\n",
        "    if False:\n",
        (SETTINGS,),
    ),
    Mutation(
        "suggested questions are about files within reach",
        "bot/slack/prompts.py",
        "await tx.documents.latest(access.scope, LOOK_AT)",
        "await tx.documents.latest_all(LOOK_AT)",
        (SETTINGS,),
    ),
    Mutation(
        "the console is for a session",
        "bot/web/console/guard.py",
        '    session = sessions.read(request.cookies.get(COOKIE, ""))\n',
        '    session = Session("", 0)\n',
        (CONSOLE,),
    ),
    Mutation(
        "a change in the console needs the proof of its page",
        "bot/web/console/guard.py",
        '    if changes and not sessions.proves(session, request.headers.get(PROOF_HEADER, "")):\n',
        "    if False:\n",
        (CONSOLE,),
    ),
    Mutation(
        "who signs in to the console is an admin",
        "bot/web/console/gate.py",
        "            return (await self.members.person(visitor.workspace, visitor.user)).is_admin\n",
        "            return True\n",
        (SIGN_IN,),
    ),
    Mutation(
        "who signed in to the console is looked at again",
        "bot/web/console/guard.py",
        "    if session is None or not await _still_admitted(session, slack):\n",
        "    if session is None:\n",
        (SIGN_IN,),
    ),
    Mutation(
        "who signed in changes documents of their workspace alone",
        "bot/web/console/pages.py",
        "        if _workspace(request) not in {None, document.workspace_id}:\n",
        "        if False:\n",
        (SIGN_IN,),
    ),
    Mutation(
        "who signed in sees documents of their workspace alone",
        "bot/documents/overview.py",
        "            conditions.append(DOCUMENT.c.workspace_id == scope.workspace)\n",
        "            pass\n",
        (SIGN_IN,),
    ),
    Mutation(
        "who signed in reads no title that they may not read in Slack",
        "bot/documents/overview.py",
        "        told = within(scope) if scope else true()\n",
        "        told = true()\n",
        (SIGN_IN,),
    ),
    Mutation(
        "who signed in sees votes of their workspace alone",
        "bot/documents/searches.py",
        "        mine = SEARCH_LOG.c.workspace_id == workspace if workspace else true()\n",
        "        mine = true()\n",
        (SIGN_IN,),
    ),
    Mutation(
        "a sign-in is of the browser that began it",
        "bot/providers/slack/openid.py",
        '            and hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode())\n',
        "",
        (SIGN_IN,),
    ),
    Mutation(
        "a sign-in is for this app",
        "bot/providers/slack/openid.py",
        '            claims.get("aud") == self._id\n            and hmac',
        "            hmac",
        (SIGN_IN,),
    ),
    Mutation(
        "secrets are taken out of the log",
        "bot/app/logs.py",
        '        return TOKEN.sub("[redacted]", value)\n',
        "        return value\n",
        ("tests/unit/app/test_logs.py",),
    ),
)
