"""Slack, Teams, push services and receivers of webhooks, played on this machine (tests/outside.py).

receiver = Receiver(outside, "hooks.slack.com")
receiver.answers = [answer(status="429 Slow down", retry_after="60"), TAKEN]
"""

import json

from activity.endpoints import tasks
from activity.models import Delivery, Endpoint
from tests.outside import answer

TAKEN = answer("ok", content_type="text/plain")
SLACK = "https://hooks.slack.com/services/T000/B000/xyz"
TEAMS = (
    "https://prod-01.westeurope.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=secret"
)
HOOK = "https://hooks.customer.example/in?token=abc"
HOSTS = {
    "slack": ("hooks.slack.com", SLACK),
    "teams": ("prod-01.westeurope.logic.azure.com", TEAMS),
    "webhook": ("hooks.customer.example", HOOK),
}


class Receiver:
    """Answers with `answers`, one after the other, then takes everything. `got`: what it got, as
    (headers with small letters, body)."""

    def __init__(self, secure, host):
        self.answers, self.got, self.paths = [], [], []
        self.site = secure(host)
        self.site._play = self._play

    def _play(self, line):
        head, _blank, body = self._read(line)
        lines = head.split("\r\n")
        headers = {k.lower(): v for k, _c, v in (each.partition(": ") for each in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += line.recv(65536)
        self.paths.append(lines[0].split(" ")[1])
        self.got.append((headers, body))
        page = self.answers.pop(0) if self.answers else TAKEN
        line.sendall(page) if isinstance(page, bytes) else page(line, self.site)

    def _read(self, line):
        asked = b""
        while b"\r\n\r\n" not in asked:
            if not (piece := line.recv(65536)):
                raise OSError
            asked += piece
        head, blank, body = asked.partition(b"\r\n\r\n")
        return head.decode("latin-1"), blank, body

    @property
    def messages(self):
        return [json.loads(body) for _headers, body in self.got]


def make_endpoint(kind="webhook", events=("content.published",), **fields):
    """One that is set up and works."""
    endpoint = Endpoint(kind=kind, name=f"Notre {kind}", events=list(events), **fields)
    endpoint.address = HOSTS[kind][1]
    if not endpoint.is_channel:
        endpoint.rotate()
    endpoint.save()
    return endpoint


def make_delivery(endpoint=None, **fields):
    endpoint = endpoint or make_endpoint()
    defaults = {"event": "content.published", "key": f"{endpoint.pk}:1", "body": '{"type":"x"}'}
    return Delivery.objects.create(endpoint=endpoint, **defaults | fields)


def send_all():
    """What a worker does for each endpoint."""
    for endpoint_id in Endpoint.objects.values_list("pk", flat=True):
        tasks.send_to(endpoint_id)
