"""From something that happened to one row per endpoint that wants to know."""

import json
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from activity import hearing
from activity.endpoints.events import Event, Post, events_of
from activity.endpoints.models import TEST, Delivery, Endpoint
from activity.transports import slack, teams, webhook
from activity.waking import wake

_listened_for: set[str] = set()


def listen(verb: str) -> None:
    """From now on, entries with `verb` are looked at in the transaction that expands them."""
    if verb not in _listened_for:
        _listened_for.add(verb)
        hearing.taken(verb)(queue)


def queue(entry) -> None:
    """A row for each endpoint that wants to know of `entry`. Run twice, it makes them once."""
    rows = [
        row
        for event in events_of(entry.verb)
        for endpoint in Endpoint.objects.wanting(event.name)
        if (row := _row(endpoint, event, entry))
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    for endpoint_id in {row.endpoint_id for row in rows}:
        transaction.on_commit(partial(wake_for, endpoint_id), robust=True)


def begin_test(endpoint: Endpoint) -> Delivery:
    """A message that says that it is a trial, claimed already: whoever calls sends it at once."""
    now = timezone.now()
    with override(endpoint.language):
        post = Post(
            title=_("A test from Porte-voix"),
            text=_("If you can read this, the connection works."),
            about=_("Sent by an administrator to try the connection."),
        )
    body = (
        _dressed(endpoint, post)
        if endpoint.is_channel
        else webhook.body(TEST, now, {"message": post.text})
    )
    return Delivery.objects.create(
        endpoint=endpoint,
        event=TEST,
        key=f"{endpoint.pk}:test:{now.timestamp()}",
        body=_json(body),
        state=Delivery.State.SENDING,
        attempts=1,
        lease_until=now + Delivery.LEASE,
    )


def wake_for(endpoint_id: int) -> None:
    from activity.endpoints.tasks import send_to

    wake(send_to, endpoint_id)


def _row(endpoint, event: Event, entry):
    body = _body(endpoint, event, entry)
    return body and Delivery(
        endpoint=endpoint,
        event=event.name,
        key=f"{endpoint.pk}:{event.name}:{entry.pk}",
        body=_json(body),
    )


def _body(endpoint, event, entry):
    if not endpoint.is_channel:
        data = event.data(entry)
        return data and webhook.body(event.name, entry.at, data)
    with override(endpoint.language):
        post = event.post(entry) if event.post else None
        return post and _dressed(endpoint, post)


def _dressed(endpoint, post):
    return slack.body(post) if endpoint.kind == Endpoint.Kind.SLACK else teams.body(post)


def _json(body):
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
