"""Everything that goes wrong, by who acts next.

    FaultMavenError
    ├── PersonError            the person who shared or asked acts
    │   ├── FileRejected       this file will never be indexed as it is
    │   ├── QueryRejected      this question can't be searched as it is
    │   ├── InstallRefused     this attempt to install the bot came to nothing
    │   ├── SignInRefused      this attempt to sign in to the console came to nothing
    │   └── MessageRefused     nobody can post or edit that message any more
    ├── RetryLater             the worker acts: the same call may succeed later
    │   ├── RateLimited        … after `retry_after_s`
    │   ├── ProviderUnavailable
    │   └── ExtractionInterrupted   the child died or was killed on this file
    └── OperatorError          whoever runs the bot acts
        ├── SettingError       a setting is missing or wrong: exit code 2
        ├── DatabaseInUse      another process holds the data folder: exit code 2
        └── PermissionMissing  Slack refuses for lack of a scope

People read `public_message` and `advice`; logs carry the cause (`raise … from`).
"""

from __future__ import annotations


class FaultMavenError(Exception):
    """`public_message` is a sentence a person may read, `advice` what to do next (may be empty)."""

    def __init__(self, public_message: str, advice: str = "") -> None:
        super().__init__(public_message)
        self.public_message = public_message
        self.advice = advice


class PersonError(FaultMavenError):
    """Only the person can change the outcome; a retry can't."""


class FileRejected(PersonError):
    """This file gives no text that could be indexed; permanent until its content changes.

    `code` is a stable snake_case word for logs, metrics and `document.error_code`.
    """

    def __init__(self, code: str, public_message: str, advice: str = "") -> None:
        super().__init__(public_message, advice)
        self.code = code


class QueryRejected(PersonError):
    """The question can't be searched as it stands."""


class ConsentRefused(PersonError):
    """What somebody was to confirm at Slack came to nothing; `code` says why, in one word."""

    def __init__(self, code: str, public_message: str, advice: str = "") -> None:
        super().__init__(public_message, advice)
        self.code = code


class InstallRefused(ConsentRefused):
    """This attempt to install the bot in a workspace."""


class SignInRefused(ConsentRefused):
    """This attempt to sign in with Slack."""


class MessageRefused(PersonError):
    """Slack takes no post there, or no edit of that message; trying again is in vain. `code` is Slack's."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack takes no message there ({code})")
        self.code = code


class RetryLater(FaultMavenError):
    """Nothing is wrong with the file or question; the same call may succeed later."""

    code = "unavailable"


class RateLimited(RetryLater):
    """A vendor asked us to wait `retry_after_s` seconds."""

    code = "rate_limited"

    def __init__(self, public_message: str, retry_after_s: float) -> None:
        super().__init__(public_message)
        self.retry_after_s = retry_after_s


class ProviderUnavailable(RetryLater):
    """A vendor, the network or the disk did not do its part in time."""


class ExtractionInterrupted(RetryLater):
    """The child that read this file crashed or was killed at its limit; tried once more.

    `code` says at which limit (`timeout`, `memory`, `crash`).
    """

    def __init__(self, code: str, public_message: str, advice: str = "") -> None:
        super().__init__(public_message, advice)
        self.code = code


class OperatorError(FaultMavenError):
    """Whoever runs the bot has to change something."""


class SettingError(OperatorError):
    """A setting is missing or wrong. `name` is the variable; no message ever holds its value."""

    def __init__(self, name: str, problem: str, advice: str = "") -> None:
        super().__init__(f"{name}: {problem}", advice)
        self.name = name


class DatabaseInUse(OperatorError):
    """Another process already runs on this data folder."""


class PermissionMissing(OperatorError):
    """Slack refuses a call for lack of `scope`."""

    def __init__(self, method: str, scope: str) -> None:
        super().__init__(
            f"Slack refuses {method}: the scope {scope} is missing",
            f"Add {scope} under OAuth & Permissions and reinstall the app.",
        )
        self.scope = scope
