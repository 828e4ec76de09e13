"""One attempt: the message leaves, and what came back is kept."""

import time
from email.utils import parsedate_to_datetime

from django.db import transaction
from django.utils import timezone

from activity.endpoints import signing
from activity.endpoints.models import TEST, Attempt, Delivery, Endpoint, Outcome
from activity.log import record
from activity.outside import Deadline, Fetched, Garbled, TooSlow, Unreachable, post
from activity.outside.client import user_agent
from activity.vault import Unreadable

SECONDS = 15
MOST_BYTES = 64 * 2**10
# What these answer, they answer tomorrow too; the rest may get better.
LATER = {408, 425, 429}
SHOWN_HEADERS = 4000


def send_next(endpoint_id: int) -> bool:
    """Sends the oldest message that is due there. False when there is none, or it is busy."""
    delivery = Delivery.objects.claim_next(endpoint_id)
    if delivery is None:
        return False
    attempt(delivery)
    return True


def attempt(delivery: Delivery) -> Outcome:
    """Sends what was claimed, writes down how it went, and settles it."""
    began, endpoint = time.monotonic(), delivery.endpoint
    body, answer = delivery.body.encode(), None
    headers = {"Content-Type": "application/json"}
    try:
        headers |= _signature(delivery, body)
        deadline = Deadline(SECONDS)
        answer = post(endpoint.address, body, headers, most=MOST_BYTES, deadline=deadline)
        outcome = judged(answer, endpoint)
    except Unreadable:
        outcome = Outcome("unreadable")
    except Unreachable as error:
        # The line broke, or nothing came in time: a channel may show it all the same.
        doubt = isinstance(error, (TooSlow, Garbled))
        outcome = Outcome(error.code, again=True, in_doubt=doubt)
    Attempt.objects.create(
        delivery=delivery,
        milliseconds=round((time.monotonic() - began) * 1000),
        problem=outcome.problem,
        request_head=_request_head(endpoint, headers, body),
        answer_head=_answer_head(answer) if answer else "",
        answer_body=_text(answer.body[: Attempt.MOST_SAID]) if answer else "",
    )
    if delivery.settle(outcome):
        _look_after(endpoint, delivery, outcome)
    return outcome


def judged(answer: Fetched, endpoint: Endpoint) -> Outcome:
    """What an answer means. A redirect is a failure: whoever moved says so to an administrator."""
    if 200 <= answer.status < 300:
        return Outcome()
    problem, after = f"status {answer.status}", _asked_pause(answer)
    if answer.status == 410:
        return Outcome(problem, is_gone=True)
    if endpoint.is_channel and 300 <= answer.status < 500 and answer.status not in LATER:
        return Outcome(problem, is_gone=answer.status == 404)
    return Outcome(problem, again=True, after=after)


def _look_after(endpoint, delivery, outcome):
    """Stops what does not work, and says so once."""
    tried_out = delivery.event == TEST or delivery.state == Delivery.State.UNKNOWN
    if not outcome.problem or tried_out:
        return
    given_up = delivery.state == Delivery.State.FAILED
    if not (endpoint.note_failure(given_up=given_up) or outcome.is_gone):
        return
    with transaction.atomic():
        if endpoint.disable(outcome.problem):
            record("endpoint.disabled", subject=endpoint, reason=outcome.problem)


def _signature(delivery, body):
    if delivery.endpoint.is_channel:
        return {}
    return signing.headers(delivery.identity, int(time.time()), body, delivery.endpoint.secrets)


def _asked_pause(answer):
    """`Retry-After` in seconds, which is a number or a date; 0 for neither."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isdigit():
        return int(said[:9])
    try:
        return max((parsedate_to_datetime(said) - timezone.now()).total_seconds(), 0)
    except (ValueError, TypeError):
        return 0


def _request_head(endpoint, headers, body):
    """As it left, but for the path: of a channel that is the secret."""
    shown = {"Host": endpoint.host, "User-Agent": user_agent(), "Content-Length": len(body)}
    lines = [f"POST https://{endpoint.host}/…"]
    return "\n".join(lines + [f"{name}: {value}" for name, value in (shown | headers).items()])


def _answer_head(answer):
    lines = [str(answer.status)] + [f"{name}: {value}" for name, value in answer.headers.items()]
    return _text("\n".join(lines).encode())[:SHOWN_HEADERS]


def _text(data: bytes) -> str:
    # PostgreSQL keeps no NUL.
    return data.decode(errors="replace").replace("\0", "�")
