"""/slack/install and /slack/oauth_redirect: how a workspace gets the bot."""

from bot.web.oauth.routes import Granted, InstallRoutes, Scope

__all__ = ["Granted", "InstallRoutes", "Scope"]
