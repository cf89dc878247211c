"""`/fm forget`, `settings`, `ignore`, `insights`: what people and workspaces decide about their own data."""

from __future__ import annotations

from dataclasses import dataclass

from bot.documents.tables import Document
from bot.domain import ChannelId, DocumentId, FileId, UserId, WorkspaceId
from bot.errors import QueryRejected
from bot.ingest.forget import forget_file
from bot.ports import Content
from bot.slack import choices
from bot.slack.parse import MAX_NAME_CHARS, plain_text
from bot.slack.render import Block, count, display_name, words
from bot.slack.render_insights import insights_lines
from bot.slack.services import Services

CONFIRM, CANCEL = "fm_forget_confirm", "fm_forget_cancel"
NOT_YOURS = "Only whoever uploaded a file, or an admin of the workspace, can have it forgotten."
UNKNOWN_FILE = "None of the files you can see is called “{}”. `/fm status` shows what they are called."
KEPT = "Nothing was changed."
NOT_AN_ADMIN = "Only admins of the workspace see what others asked in vain."
INSIGHT_DAYS, INSIGHT_QUESTIONS = 30, 10
DAY_S = 86_400.0


async def obey(
    services: Services, workspace: WorkspaceId, user: UserId, channel: ChannelId, text: str
) -> Content | None:
    """The reply to one of these commands, for the asker alone; None when it is another one.

    Raises PersonError for what can't be done, and what Slack's look-ups raise.
    """
    word, _, rest = text.strip().partition(" ")
    asked, rest = choices.Asked(services, workspace, user, channel), rest.strip()
    match word.lower():
        case "forget" if rest.lower() == "me":
            return await forget_me(services, workspace, user)
        case "forget":
            return await offer_to_forget(services, workspace, user, rest)
        case "settings":
            return words(await choices.settings(asked, rest))
        case "ignore" | "unignore" as verb:
            choose = choices.ignore if verb == "ignore" else choices.unignore
            return words(await choose(asked, rest))
        case "insights":
            return await insights(services, workspace, user)
        case _:
            return None


async def insights(services: Services, workspace: WorkspaceId, user: UserId) -> Content:
    """What was asked in vain, for admins: a question may say more than its asker wants others to know."""
    if not (await services.members.person(workspace, user)).is_admin:
        return words(NOT_AN_ADMIN)
    since = services.ingest.clock() - INSIGHT_DAYS * DAY_S
    async with services.ingest.transaction(reading=True) as tx:
        found = await tx.insights.insights(workspace, since=since, limit=INSIGHT_QUESTIONS)
    return words("\n".join(insights_lines(found, INSIGHT_DAYS)))


async def forget_me(services: Services, workspace: WorkspaceId, user: UserId) -> Content:
    """Delete what is kept of a person's searches and questions."""
    async with services.ingest.transaction() as tx:
        gone = await tx.documents.forget_person(workspace, user)
    return words(
        f"I deleted {count(gone.searches + gone.questions, 'question')} of yours, with your votes. "
        "Your files stay: `/fm forget` and a file's name removes one."
    )


async def offer_to_forget(services: Services, workspace: WorkspaceId, user: UserId, file: str) -> Content:
    """Ask once more before a file is forgotten, if this person may decide it."""
    name = plain_text(file).strip().strip('"')[:MAX_NAME_CHARS]
    if not name:
        raise QueryRejected("Which file?", "Type `/fm forget` and its name, as `/fm status` shows it.")
    access = await services.access_of(workspace, user)
    if access.note:
        return words(access.note)
    person = await services.members.person(workspace, user)
    async with services.ingest.transaction(reading=True) as tx:
        found = list(await tx.documents.find_for(access.scope, name))
        by_id = await tx.documents.find(workspace, FileId(name)) if person.is_admin and not found else None
    if by_id is not None and by_id.tombstoned_at is None:
        return _question(by_id, f"the file {by_id.file_id}")
    if not found:
        return words(UNKNOWN_FILE.format(display_name(name)))
    if len(found) > 1:
        return words(_several(found, name))
    [document] = found
    if not (person.is_admin or document.uploader == user):
        return words(NOT_YOURS)
    return _question(document, f"“{display_name(document.title or document.name)}”")


async def forget(
    services: Services, workspace: WorkspaceId, user: UserId, document_id: DocumentId
) -> Content:
    """The button was pressed: whether this person may decide it is looked at again."""
    access = await services.access_of(workspace, user)
    person = await services.members.person(workspace, user)
    async with services.ingest.transaction(reading=True) as tx:
        document = await tx.documents.get(document_id)
        seen = await tx.documents.find_for(access.scope, document_id)
    known = document is not None and document.workspace_id == workspace and document.tombstoned_at is None
    if document is None or not known or not (person.is_admin or seen):
        return words("That file is not there any more.")
    if not (person.is_admin or document.uploader == user):
        return words(NOT_YOURS)
    await forget_file(services.ingest, document)
    return words("Forgotten: its text and its title are deleted, and I won't read it again.")


def _several(found: list[Document], name: str) -> str:
    names = ", ".join(f"“{display_name(d.title or d.name)}” ({d.file_id})" for d in found[:5])
    which = f"Several files match “{display_name(name)}”: {names}."
    return f"{which} Type `/fm forget` and the id of the one you mean."


def _question(document: Document, name: str) -> Content:
    text = (
        f"Shall I forget {name}? Nobody finds it any more, in any channel, and I won't read it again, "
        "even if it is shared anew. In Slack the file stays as it is."
    )
    asked = words(text)
    buttons = [_button(CONFIRM, "Forget it", document.id), _button(CANCEL, "Cancel", document.id)]
    buttons[0]["style"] = "danger"
    return asked | {"blocks": [*asked["blocks"], {"type": "actions", "elements": buttons}]}


def _button(action_id: str, text: str, value: str) -> Block:
    label = {"type": "plain_text", "text": text, "emoji": False}
    return {"type": "button", "action_id": action_id, "text": label, "value": value}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the question: which document, by whom."""

    workspace: WorkspaceId
    user: UserId
    document_id: DocumentId


async def answer_press(services: Services, pressed: Pressed, *, confirmed: bool) -> Content:
    """What takes the question's place."""
    if not confirmed:
        return words(KEPT)
    return await forget(services, pressed.workspace, pressed.user, pressed.document_id)
