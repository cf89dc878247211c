"""Problems: whatever goes wrong → `application/problem+json` (RFC 9457), the router's own errors too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus

import structlog
from aiohttp import web
from pydantic import ValidationError

from bot.errors import FaultMavenError, PersonError, RateLimited, RetryLater
from bot.jobs.causes import causes
from bot.web.api.models import Fault, Problem

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
MAX_FAULTS = 10
ROUTERS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer: it is for one key alone, and never to be taken for a page."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApiProblem(Exception):
    """An answer that says what is wrong. `code` is a stable snake_case word."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Fault] = (),
        document_id: str | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.headers = dict(headers or {})
        self.problem = Problem(
            title=status.phrase,
            status=status,
            code=code,
            detail=detail,
            errors=list(errors) or None,
            document_id=document_id,
        )


def response_of(problem: ApiProblem) -> web.Response:
    """The answer that a problem is."""
    return web.Response(
        status=problem.status,
        text=problem.problem.model_dump_json(exclude_none=True),
        content_type=CONTENT_TYPE,
        headers=PRIVATE | problem.headers,
    )


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Have every error of the API told in the same way."""
    try:
        return await handler(request)
    except ApiProblem as problem:
        return response_of(problem)
    except web.HTTPException as error:
        return response_of(_of_router(error))
    except FaultMavenError as error:
        return response_of(problem_of(error))
    except Exception as error:  # noqa: BLE001  # the edge: a client gets a problem, the log the cause
        log.error("api_request_failed", causes=causes(error))
        return response_of(
            ApiProblem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong; the log says what."
            )
        )


def problem_of(error: FaultMavenError) -> ApiProblem:
    """By who acts next: the client, or whoever waits."""
    if isinstance(error, PersonError):
        code = getattr(error, "code", "query_rejected")
        status = (
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE if code == "too_large" else HTTPStatus.UNPROCESSABLE_ENTITY
        )
        return ApiProblem(status, code, f"{error.public_message}.")
    if isinstance(error, RetryLater):
        wait_s = error.retry_after_s if isinstance(error, RateLimited) else RETRY_AFTER_S
        return ApiProblem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            error.code,
            f"{error.public_message}.",
            headers={"Retry-After": f"{max(wait_s, 1):.0f}"},
        )
    log.error("api_request_failed", causes=causes(error))
    return ApiProblem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "operator", "Whoever runs this has to act; the log says how."
    )


def invalid(error: ValidationError) -> ApiProblem:
    """What doesn't fit the description of the API, with the places where it doesn't."""
    found = error.errors(include_url=False, include_input=False, include_context=False)[:MAX_FAULTS]
    if found[0]["type"] == "json_invalid":
        return ApiProblem(HTTPStatus.BAD_REQUEST, "malformed", "The body is not JSON.")
    faults = [Fault(where=".".join(map(str, one["loc"])), detail=one["msg"]) for one in found]
    return ApiProblem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        "The request doesn't fit the API's description.",
        errors=faults,
    )


def _of_router(error: web.HTTPException) -> ApiProblem:
    status = HTTPStatus(error.status)
    kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    return ApiProblem(
        status, ROUTERS.get(status, "http_error"), f"{status.description or status.phrase}.", headers=kept
    )
