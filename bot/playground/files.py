"""/files-pri/…: a file's bytes for the bot that may see it, a sign-in page for everyone else.

/files-tmb/… has the transcripts of recordings in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from aiohttp import web

from bot.playground.faults import Fault, Faults
from bot.playground.model import File, Json
from bot.playground.requirements import DOWNLOAD_SCOPE
from bot.playground.sharing import bot_may_see
from bot.playground.web_api import Tokens, cut, fault_response, hang
from bot.playground.workspace import Workspace

CHUNK_BYTES = 64 * 1024
_SENT_AS = {"application/vnd.slack-docs": "text/html"}
_LOGIN_PAGE = """<!DOCTYPE html><html><head><title>Sign in | Slack</title></head>
<body><h1>Sign in to your workspace</h1><form action="/checkcookie" method="post"></form></body></html>
"""


class FileServer:
    """Serves private files. Each request is recorded as a call of the method `download`."""

    def __init__(
        self,
        workspace: Workspace,
        granted: frozenset[str],
        tokens: Tokens,
        faults: Faults,
        record: Callable[[str, Json, str], None],
    ) -> None:
        self._workspace = workspace
        self._granted = granted
        self._tokens = tokens
        self._faults = faults
        self._record = record

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler of `/files-pri/{team}-{file}/…` and of `/files-tmb/{team}-{file}/file.vtt`."""
        fault = self._faults.take(Faults.DOWNLOAD) or Fault()
        file = self._readable(request)
        trouble = fault.how or fault.error or (str(fault.status) if fault.status else fault.redirect)
        asked = {"file": request.match_info["file"].partition("-")[2]}
        self._record(Faults.DOWNLOAD, asked, trouble or ("ok" if file else "login_page"))
        if fault.how == "hang":
            return await hang(request, self._faults)
        if fault.error or fault.status:
            return fault_response(fault)
        if fault.redirect:
            raise web.HTTPFound(fault.redirect)
        if file is None or fault.how == "login_page":
            # Slack answers 200 here, not 401: a client has to look at what it got.
            return web.Response(text=_LOGIN_PAGE, content_type="text/html")
        return await _send(request, file, halfway=fault.how == "cut")

    def _readable(self, request: web.Request) -> File | None:
        file = self._workspace.files.get(request.match_info["file"].partition("-")[2])
        bearer = request.headers.get("Authorization", "")
        allowed = (
            self._tokens.kind(bearer.removeprefix("Bearer ")) == "bot"
            and DOWNLOAD_SCOPE in self._granted
            and not self._workspace.uninstalled
        )
        if not allowed or file is None or file.deleted or file.mode == "external":
            return None
        return file if bot_may_see(self._workspace, file) else None


async def _send(request: web.Request, file: File, *, halfway: bool) -> web.StreamResponse:
    data, mimetype = file.data, _SENT_AS.get(file.mimetype, file.mimetype)
    if request.path.startswith("/files-tmb/"):
        data, mimetype = file.transcript or b"", "text/vtt"
    response = web.StreamResponse(
        headers={
            "Content-Type": mimetype,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        }
    )
    response.content_length = len(data)
    await response.prepare(request)
    end = len(data) // 2 if halfway else len(data)
    for start in range(0, end, CHUNK_BYTES):
        await response.write(data[start : min(start + CHUNK_BYTES, end)])
    if halfway:
        cut(request)
    else:
        await response.write_eof()
    return response
