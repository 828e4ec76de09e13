"""POST /api/conversions: a site's own server says that a click led somewhere.

    Authorization: Bearer pv_conversions_…
    {"goal": "…", "click_id": "…", "event_id": "…", "at": "2026-11-23T14:05:00Z"}

One object, or a list of up to 500. docs/conversions.md holds the whole of it.
"""

import json
import logging
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from redis import RedisError

from ambassadors.accounts.tokens import ApiToken, bearer_of
from campaigns.conversions.forms import ReportedForm
from campaigns.conversions.models import Goal
from campaigns.conversions.reporting import Event, Outcome, Reported, report_all

log = logging.getLogger(__name__)
MOST = 500
LONGEST = 512 * 1024
# Events of one token in a minute: a day's applications of a large company, at once.
A_MINUTE, PER_MINUTE = 60, 3000

STATUSES = {
    Outcome.NEW: HTTPStatus.CREATED,
    Outcome.KNOWN: HTTPStatus.OK,
    Outcome.CONFLICT: HTTPStatus.CONFLICT,
}


class Refused(Exception):
    """The call as a whole cannot be taken. `args`: status, code, a sentence for a developer."""


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]


# No cookie and no form: whoever calls shows a token, so there is nothing to forge.
@csrf_exempt
@login_not_required
def conversion_report(request):
    try:
        events, is_list = _events(request)
    except Refused as refusal:
        status, code, message = refusal.args
        return _refusal(status, code, message)
    answers = _take(events)
    if not is_list:
        return JsonResponse(answers[0].body, status=answers[0].status)
    results = [{"status": int(answer.status), **answer.body} for answer in answers]
    return JsonResponse({"results": results})


def _events(request) -> tuple[list, bool]:
    """What the call holds, and whether it was a list. Raises Refused."""
    if request.method != "POST":
        raise Refused(405, "method", "Use POST.")
    token = ApiToken.objects.holding(bearer_of(request), ApiToken.Scope.CONVERSIONS)
    if token is None:
        raise Refused(401, "token", "Show a live token of the scope “conversions”.")
    if request.content_type != "application/json":
        raise Refused(415, "type", "Send application/json.")
    told = _read(request)
    events = told if isinstance(told, list) else [told]
    if not 0 < len(events) <= MOST:
        raise Refused(422, "batch", f"Send one event, or a list of 1 to {MOST}.")
    if _is_too_much(token, len(events)):
        raise Refused(429, "rate", f"At most {PER_MINUTE} events a minute.")
    return events, isinstance(told, list)


def _read(request):
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (LONGEST + 1)
    if len(body) > LONGEST:
        raise Refused(413, "size", f"At most {LONGEST} bytes.")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "json", "This is not JSON in UTF-8.") from None


def _is_too_much(token, events) -> bool:
    """Counted in Redis; while it is away nobody is refused for it."""
    key = f"conversions:{token.pk}:{int(timezone.now().timestamp()) // A_MINUTE}"
    try:
        cache.add(key, 0, 2 * A_MINUTE)
        return cache.incr(key, events) > PER_MINUTE
    except (RedisError, ValueError) as error:
        log.warning("conversions are not limited: %s", error)
        return False


def _take(told: list) -> list[Answer]:
    """Of each thing told, what it comes to; those that are events are kept together."""
    read = _read_events(told)
    events = [each for each in read if isinstance(each, Event)]
    found = iter(report_all(events) if events else [])
    return [_answer(next(found)) if isinstance(each, Event) else each for each in read]


def _read_events(told) -> list[Event | Answer]:
    forms = [ReportedForm(each) for each in told]
    keys = {form.cleaned_data["goal"] for form in forms if form.is_valid()}
    goals = {goal.key: goal for goal in Goal.objects.filter(key__in=keys)}
    return [_event(form, goals) for form in forms]


def _event(form, goals) -> Event | Answer:
    if not form.is_valid():
        return _invalid(form.problems)
    said = form.cleaned_data
    goal = goals.get(said["goal"])
    if goal is None:
        return _invalid({"goal": "unknown"})
    return Event(goal, said["click_id"], said["event_id"], said["at"])


def _answer(found: Reported) -> Answer:
    if found.outcome is Outcome.CONFLICT:
        return _error(409, "conflict", "This event_id was reported about another click.")
    return Answer(STATUSES[found.outcome], _told(found))


def _told(found: Reported) -> dict[str, Any]:
    """What becomes of it; never whose link it was, or where."""
    conversion = found.conversion
    told = {"state": str(conversion.state)}
    return told | ({"reason": str(conversion.reason)} if conversion.reason else {})


def _invalid(problems) -> Answer:
    status, body = _error(422, "invalid", "See “fields”.")
    body["error"]["fields"] = problems
    return Answer(status, body)


def _error(status, code, message) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def _refusal(status, code, message):
    response = JsonResponse(_error(status, code, message).body, status=status)
    extra = {
        401: ("WWW-Authenticate", "Bearer"),
        405: ("Allow", "POST"),
        429: ("Retry-After", "60"),
    }
    if status in extra:
        name, value = extra[status]
        response[name] = value
    return response
