"""Every setting, read once at the door (`app` and `cli` alone read this module).

A wrong value becomes one `SettingError` that names the variable and never shows what it held.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingError
from bot.settings.checks import address, is_loopback, long_enough, postgres_address, prefixed

SLACK_API_URL = "https://slack.com/api/"
MIB = 1024 * 1024


class Settings(BaseSettings):
    """The environment, checked. Names are the variables' own, lower case without `FM_`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    slack_bot_token: SecretStr | None = Field(
        default=None, description="Bot User OAuth Token (xoxb-…): OAuth & Permissions in your Slack app"
    )
    slack_app_token: SecretStr | None = Field(
        default=None, description="App-level token (xapp-…) with connections:write: Socket Mode"
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, description="Signing Secret (Basic Information): Slack over HTTP"
    )
    slack_client_id: str | None = Field(
        default=None,
        description="Client ID (Basic Information): installing by OAuth; signing in to the console",
    )
    slack_client_secret: SecretStr | None = Field(
        default=None, description="Client Secret, beside the Client ID"
    )
    slack_api_url: str = Field(
        default=SLACK_API_URL,
        description="Base address of Slack's Web API; its host counts as one of Slack's for downloads",
    )
    co_api_key: SecretStr | None = Field(
        default=None, description="Cohere's key: its embeddings and reranking are used"
    )
    co_api_url: str | None = Field(default=None, description="Another address that speaks Cohere's API")
    co_chat_model: str | None = Field(
        default=None,
        description="Cohere's model that writes answers, command-a-plus-05-2026 if not set; off: none does",
    )
    chat_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_CHAT_URL", "chat_url"),
        description="A server that speaks OpenAI's chat completions (…/v1) writes answers instead of Cohere",
    )
    chat_model: str | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_CHAT_MODEL", "chat_model"),
        description="Its model; has to be set with FM_CHAT_URL",
    )
    chat_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_CHAT_API_KEY", "chat_api_key"),
        description="Its key, where it wants one",
    )
    embedding_dimension: Literal[256, 512, 1024, 1536] | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_EMBEDDING_DIMENSION", "embedding_dimension"),
        description="Numbers in an embedding of Cohere's: 256, 512 (the default), 1024 (with Pinecone), 1536",
    )
    embedding_type: Literal["float", "int8"] = Field(
        default="float",
        validation_alias=AliasChoices("FM_EMBEDDING_TYPE", "embedding_type"),
        description="Cohere's embeddings as float or as the coarser int8",
    )
    embedding_tokens_per_minute: int | None = Field(
        default=None,
        ge=1_000,
        validation_alias=AliasChoices("FM_EMBEDDING_TOKENS_PER_MINUTE", "embedding_tokens_per_minute"),
        description="Tokens that Cohere embeds for your key a minute, where there is such a limit",
    )
    pinecone_api_key: SecretStr | None = Field(
        default=None, description="Pinecone's key: the passages are kept there"
    )
    pinecone_index_name: str | None = Field(
        default=None, description="Pinecone's index, faultmaven if not set; made if it doesn't exist"
    )
    pinecone_controller_host: str | None = Field(
        default=None, description="Another address of Pinecone's control plane"
    )
    pinecone_index_host: str | None = Field(
        default=None, description="The index's own address; with it the control plane isn't needed"
    )
    data_dir: Path = Field(
        default=Path(".fm"),
        validation_alias=AliasChoices("FM_DATA_DIR", "data_dir"),
        description="Folder of the database, the index and files being read",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_DATABASE_URL", "database_url"),
        description="PostgreSQL for the state (postgresql+psycopg://…), not SQLite in FM_DATA_DIR",
    )
    encryption_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_ENCRYPTION_KEY", "encryption_key"),
        description="Encrypts workspaces' tokens (`fm db new-key`); former keys behind it, with commas",
    )
    public_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_PUBLIC_URL", "public_url"),
        description="Address under which browsers reach the bot: /slack/install, signing in with Slack",
    )
    host: str = Field(
        default="127.0.0.1",
        validation_alias=AliasChoices("FM_HOST", "host"),
        description="Address that the web server listens on",
    )
    port: int = Field(
        default=8080,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("FM_PORT", "port"),
        description="Port that the web server listens on; 0 takes a free one",
    )
    max_file_mb: int = Field(
        default=50,
        ge=1,
        le=1024,
        validation_alias=AliasChoices("FM_MAX_FILE_MB", "max_file_mb"),
        description="Largest file that is downloaded, in MiB",
    )
    console_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("FM_CONSOLE_TOKEN", "console_token"),
        description="16 characters or more: opens the operators' page at /console; without it there is none",
    )
    api_requests_per_minute: int = Field(
        default=300,
        ge=1,
        validation_alias=AliasChoices("FM_API_REQUESTS_PER_MINUTE", "api_requests_per_minute"),
        description="Requests that a key of the HTTP API may make a minute",
    )
    purge_days: int = Field(
        default=14,
        ge=0,
        le=3650,
        validation_alias=AliasChoices("FM_PURGE_DAYS", "purge_days"),
        description="Days until everything of a workspace that uninstalled the bot is deleted",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        validation_alias=AliasChoices("FM_LOG_LEVEL", "log_level"),
        description="debug, info, warning or error",
    )
    log_format: Literal["auto", "json", "pretty"] = Field(
        default="auto",
        validation_alias=AliasChoices("FM_LOG_FORMAT", "log_format"),
        description="json, pretty, or auto: pretty on a terminal, json elsewhere",
    )

    @field_validator("embedding_dimension", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isdecimal() else value

    @field_validator("log_level", "log_format", "embedding_type", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr | None) -> SecretStr | None:
        return prefixed(value, "xoxb-", "is not a bot token: those begin with xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return prefixed(value, "xapp-", "is not an app-level token: those begin with xapp-")

    @field_validator("slack_api_url")
    @classmethod
    def _api_url(cls, value: str) -> str:
        return address(value).rstrip("/") + "/"

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        return value and address(value).rstrip("/")

    @field_validator("co_api_url", "pinecone_controller_host", "pinecone_index_host")
    @classmethod
    def _vendor_url(cls, value: str | None) -> str | None:
        if value is None or "://" not in value:
            return value  # Pinecone gives hosts without a scheme, and they mean https
        return address(value)

    @field_validator("chat_url")
    @classmethod
    def _chat_url(cls, value: str | None) -> str | None:
        return value and address(value, near=True)

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        return postgres_address(value)

    @field_validator("console_token")
    @classmethod
    def _console_token(cls, value: SecretStr | None) -> SecretStr | None:
        return long_enough(value, 16)

    def apart(self, folder: Path) -> Self:
        """The same settings with a state of its own, in a folder."""
        return self.model_copy(update={"data_dir": folder, "database_url": None})

    @property
    def max_file_bytes(self) -> int:
        """`FM_MAX_FILE_MB` in bytes."""
        return self.max_file_mb * MIB

    @property
    def purge_after_s(self) -> float:
        """`FM_PURGE_DAYS` in seconds."""
        return self.purge_days * 86_400.0

    @property
    def installable(self) -> bool:
        """Whether workspaces install the bot by OAuth. Raises SettingError when it is set up halfway.

        Beside a bot token the client's id is for signing in to the console, in that one workspace.
        """
        one = self.slack_bot_token is not None
        client = self.slack_client_id or self.slack_client_secret
        if not client or (one and not self.console_token):
            return False
        who = "signing in with Slack needs" if one else "many workspaces need"
        if one and self.encryption_key:
            raise SettingError(
                "SLACK_BOT_TOKEN", "is one workspace's, FM_ENCRYPTION_KEY for many", "Unset one."
            )
        for field, needed in (
            ("slack_client_id", self.slack_client_id),
            ("slack_client_secret", self.slack_client_secret),
            ("slack_signing_secret", one or self.slack_signing_secret or self.slack_app_token),
            ("encryption_key", one or self.encryption_key),
            ("public_url", self.public_url or is_loopback(self.host)),
        ):
            if not needed:
                name = variable_of(field)
                raise SettingError(name, f"is not set, and {who} it", _description(name))
        return not one

    @property
    def slack_mode(self) -> Literal["socket", "http", "none"]:
        """How Slack reaches us. Raises SettingError when tokens are there but incomplete."""
        if self.installable:
            return "socket" if self.slack_app_token else "http"
        if self.slack_bot_token is None:
            if self.slack_app_token or self.slack_signing_secret:
                raise SettingError("SLACK_BOT_TOKEN", "is not set", "Copy it from OAuth & Permissions.")
            return "none"
        if self.slack_app_token:
            return "socket"
        if self.slack_signing_secret:
            return "http"
        advice = "Set it for Socket Mode, or set SLACK_SIGNING_SECRET for HTTP."
        raise SettingError("SLACK_APP_TOKEN", "is not set", advice)

    @classmethod
    def from_environment(cls, **overrides: object) -> Self:
        """Read the environment; raises SettingError for the first wrong variable."""
        try:
            return cls(**overrides)  # type: ignore[arg-type]  # pydantic checks them
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = variable_of(str(first["loc"][0]))
            problem = first["msg"].removeprefix("Value error, ")
            problem = problem[0].lower() + problem[1:]
            raise SettingError(name, problem, f"Expected: {_description(name)}") from None


def variable_of(field: str) -> str:
    """The environment variable behind a field or alias of Settings."""
    info = Settings.model_fields.get(field)
    alias = info.validation_alias if info else None
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else field.upper()


def _description(variable: str) -> str:
    for field, info in Settings.model_fields.items():
        if variable_of(field) == variable:
            return info.description or ""
    return ""
