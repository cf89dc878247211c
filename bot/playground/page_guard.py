"""Keeps the page's API to the page: errors in one form, no other site's requests."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.playground.model import WorkspaceError

_FORBIDDEN = {"not_in_channel", "not_visible", "cant_delete_file", "cant_delete_message", "wrong_origin"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@web.middleware
async def page_guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a page of another site sends, and answer errors as `{"ok": false, …}`.

    A browser names the site in `Origin`; a name that was bound to this machine's address shows in
    `Host`. Slack's own paths are left alone: their callers are programs with a token.
    """
    if not request.path.startswith(("/playground/", "/archives/", "/files/")):
        response = await handler(request)
        if request.path == "/" or request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-cache"  # a newer demo is never mixed with an older one
        return response
    try:
        _check_origin(request)
        return await handler(request)
    except WorkspaceError as error:
        return _refused(error.code, error.message, _status(error.code))
    except web.HTTPRequestEntityTooLarge:
        status = web.HTTPRequestEntityTooLarge.status_code
        return _refused("file_too_large", "This file is too large to be uploaded here.", status)


def _check_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or urlsplit(f"//{request.host}").hostname not in _LOOPBACK:
        raise WorkspaceError("wrong_origin", "This page only answers on this machine.")


def _status(code: str) -> int:
    if code in _FORBIDDEN:
        return web.HTTPForbidden.status_code
    if code.endswith(("_not_found", "_deleted")):
        return web.HTTPNotFound.status_code
    return web.HTTPBadRequest.status_code


def _refused(error: str, message: str, status: int) -> web.Response:
    return web.json_response({"ok": False, "error": error, "message": message}, status=status)
