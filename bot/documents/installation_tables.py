"""The rows behind installing in many workspaces: who installed us where, and installations under way.

As in `tables`: read as these classes, written as the tables at the end.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel


class Installation(SQLModel, table=True):
    """What Slack gave us for one workspace. `token` and `refresh_token` are sealed (see `vault`).

    `expires_at` is None where tokens don't rotate. `refreshing_until` is the lease of whoever asks
    Slack for the next token.
    """

    __tablename__ = "installation"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    enterprise_id: str | None = None
    app_id: str = ""
    bot_user_id: str
    bot_id: str | None = None
    installed_by: str | None = None
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    token: str = Field(sa_column=Column(Text, nullable=False))
    refresh_token: str | None = Field(default=None, sa_column=Column(Text))
    expires_at: float | None = None
    refreshing_until: float = 0.0
    installed_at: float


class OAuthState(SQLModel, table=True):
    """An installation that was begun in some browser. Both columns are SHA-256 of random secrets."""

    __tablename__ = "oauth_state"

    state: str = Field(primary_key=True)
    browser: str
    expires_at: float = Field(index=True)
    used_at: float | None = None


INSTALLATION = SQLModel.metadata.tables["installation"]
OAUTH_STATE = SQLModel.metadata.tables["oauth_state"]
