"""What every address under /scim/v2/ has in common: the token, the limits, the errors, the log."""

import hashlib
import json
import math
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from redis.exceptions import RedisError
from scim2_models import (
    Error,
    ForbiddenException,
    InvalidSyntaxException,
    PayloadTooLargeException,
    PreconditionFailedException,
    SCIMException,
    UnauthorizedException,
)

from activity.log import acting
from ambassadors.accounts.models import LastAdmin
from ambassadors.accounts.tokens import ApiToken, bearer_of
from ambassadors.provisioning.models import Call
from ambassadors.provisioning.schemas import TOLERANT

TYPE = "application/scim+json"
MINUTE = 60
# Of one address, in a minute, with a token that is none.
MOST_STRANGE_CALLS = 300
WRITES = {"POST", "PUT", "PATCH", "DELETE"}


class TooMany(Exception):
    """More calls in this minute than one caller may make."""


class NotAllowed(Exception):
    """The address does not answer this method."""


def endpoint(**methods: Callable[..., HttpResponse]):
    """A view out of one function for each method: endpoint(GET=user_list, POST=user_create).

    Each is called with the request (its `token` and, for what is written, its `said`: the JSON as
    an object) and the address's arguments, within one transaction.
    """

    @csrf_exempt
    @login_not_required
    def view(request, **arguments):
        request.token = None
        try:
            response = _answer(methods, request, arguments)
            problem, attribute = "", ""
        except REFUSALS as refusal:
            error = error_of(refusal)
            response = _refused(error)
            problem, attribute = error.scim_type or str(error.status), _attribute(error.detail)
        _note(request, response, problem, attribute)
        return response

    return wraps(next(iter(methods.values())))(view)


def _answer(methods, request, arguments):
    _let_in(request)
    method = methods.get(request.method)
    if method is None:
        raise NotAllowed
    if request.method in WRITES and request.method != "DELETE":
        request.said = body_of(request)
    with transaction.atomic(), TOLERANT, acting(via="scim", token=request.token.pk):
        return method(request, **arguments)


def _let_in(request: HttpRequest) -> None:
    secret = bearer_of(request)
    request.token = ApiToken.objects.holding(secret, ApiToken.Scope.SCIM) if secret else None
    if request.token is None:
        _count(f"scim-strange:{get_adapter().get_client_ip(request)}", MOST_STRANGE_CALLS)
        raise UnauthorizedException(detail="A good token is needed: Authorization: Bearer …")
    _count(f"scim:{request.token.pk}", settings.SCIM_CALLS_PER_MINUTE)


def _count(key, most):
    """Counts one more call in this minute; without the cache everybody is let through."""
    key = f"{key}:{int(time.time() // MINUTE)}"
    try:
        cache.add(key, 0, 2 * MINUTE)
        if cache.incr(key) > most:
            raise TooMany
    except (RedisError, ValueError):
        # ValueError: the counter lapsed between the two calls.
        return


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. InvalidSyntaxException, PayloadTooLargeException."""
    try:
        body = json.loads(request.body)
        # PostgreSQL keeps neither a NUL nor half of a surrogate pair.
        text = json.dumps(body, ensure_ascii=False)
        text.encode()
    except RequestDataTooBig:
        raise PayloadTooLargeException(detail="At most 2 MB in one message") from None
    except (ValueError, RecursionError):
        raise InvalidSyntaxException(detail="Not JSON") from None
    if not isinstance(body, dict):
        raise InvalidSyntaxException(detail="Not a JSON object")
    return body


def error_of(refusal: Exception) -> Error:
    """A refusal as the RFC's error. No value that was sent comes back in it."""
    if isinstance(refusal, ValidationError):
        refusal = _first(refusal)
    if isinstance(refusal, SCIMException):
        return refusal.to_error()
    if isinstance(refusal, LastAdmin):
        return ForbiddenException(detail="active: the last administrator stays").to_error()
    if isinstance(refusal, TooMany):
        return Error(status=429, detail="Too many calls in one minute")
    return Error(status=405, detail="This address does not answer this method")


def _first(refusal):
    errors = refusal.errors(include_url=False, include_context=True, include_input=False)
    return SCIMException.from_error(Error.from_validation_errors(errors[:1])[0])


REFUSALS = (SCIMException, ValidationError, LastAdmin, TooMany, NotAllowed)


def _refused(error):
    response = answer(error.model_dump(), status=error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
    if error.status == 429:
        response.headers["Retry-After"] = str(math.ceil(MINUTE - time.time() % MINUTE))
    return response


def crashed() -> HttpResponse:
    """What handler500 answers here: the directory tries again later, and reads no page."""
    return _refused(Error(status=500, detail="Something went wrong here; it is in our log"))


def _attribute(detail):
    """The attribute an error names: what stands before its first colon, when that is one word."""
    name, colon, _rest = (detail or "").partition(":")
    return name[:80] if colon and name.isidentifier() else ""


def _note(request, response, problem, attribute):
    """Keeps changes and refusals; a list that was read is seen in the token's last use."""
    if request.method not in WRITES and response.status_code < 400:
        return
    if response.status_code == 429:
        return
    Call.note(
        token=request.token,
        method=request.method[:7],
        path=request.path.removeprefix("/scim/v2")[:120],
        status=response.status_code,
        problem=problem,
        attribute=attribute,
    )


def answer(body: Any, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(body, separators=(",", ":")), status=status, content_type=TYPE)


# --- Versions --------------------------------------------------------------------------------
def version_of(body: dict[str, Any]) -> str:
    """A weak entity tag of what is shown."""
    said = json.dumps(body, sort_keys=True).encode()
    return f'W/"{hashlib.sha256(said).hexdigest()[:20]}"'


def check_version(request: HttpRequest, version: Callable[[], str]) -> None:
    """PreconditionFailedException when somebody else has changed what the caller saw."""
    wanted = request.headers.get("If-Match", "").strip()
    if wanted and wanted != "*" and version() not in [each.strip() for each in wanted.split(",")]:
        raise PreconditionFailedException(detail="Changed since it was read")
