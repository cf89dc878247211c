"""apps.manifest and tooling.tokens: what changes an app itself, by a configuration token."""

from __future__ import annotations

import copy
import time

from bot.playground.app_config import problems_of
from bot.playground.methods.call import Call, Handler
from bot.playground.model import Json
from bot.playground.refusal import Refusal

LIFETIME_S = 12 * 3600


def export(call: Call) -> Json:
    """An app's manifest as it is."""
    return {"manifest": copy.deepcopy(_app(call))}


def validate(call: Call) -> Json:
    """Whether a manifest would be taken."""
    _checked(call)
    return {"errors": []}


def update(call: Call) -> Json:
    """Replace an app's manifest as a whole."""
    before, manifest = _app(call), _checked(call)
    call.workspace.config.apps[call.text("app_id")] = manifest
    return {"app_id": call.text("app_id"), "permissions_updated": _scopes(before) != _scopes(manifest)}


def create(call: Call) -> Json:
    """A new app from a manifest."""
    app_id = call.workspace.config.create(_checked(call))
    return {
        "app_id": app_id,
        "credentials": {
            "client_id": "1.2",
            "client_secret": f"secret-of-{app_id}",
            "verification_token": "legacy",
            "signing_secret": f"signing-of-{app_id}",
        },
        "oauth_authorize_url": f"https://slack.com/oauth/v2/authorize?client_id=1.2&scope={_scopes_asked(call)}",
    }


def rotate(call: Call) -> Json:
    """New tokens for a refresh token, which is good once."""
    config = call.workspace.config
    if call.text("refresh_token") != config.refresh_token:
        raise Refusal("invalid_refresh_token")
    config.rotate()
    now = int(time.time())
    return {
        "token": config.token,
        "refresh_token": config.refresh_token,
        "team_id": call.workspace.team_id,
        "user_id": call.workspace.bot.id,
        "iat": now,
        "exp": now + LIFETIME_S,
    }


def _app(call: Call) -> Json:
    found = call.workspace.config.apps.get(call.text("app_id"))
    if found is None:
        raise Refusal("invalid_app_id")
    return found


def _checked(call: Call) -> Json:
    """The manifest that was sent. Raises Refusal `invalid_manifest`."""
    manifest = call.arguments["manifest"]
    if problems := problems_of(manifest):
        raise Refusal("invalid_manifest", errors=problems)
    sent: Json = manifest
    return sent


def _scopes(manifest: Json) -> set[str]:
    return set(((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot") or [])


def _scopes_asked(call: Call) -> str:
    return ",".join(sorted(_scopes(call.arguments["manifest"])))


HANDLERS: dict[str, Handler] = {
    "apps.manifest.create": create,
    "apps.manifest.export": export,
    "apps.manifest.update": update,
    "apps.manifest.validate": validate,
    "tooling.tokens.rotate": rotate,
}
