"""A real SMTP server that does as it is told, and the work a worker would do."""

import email
import email.policy
from collections import deque

from aiosmtpd.controller import Controller
from django.utils import timezone

from activity import tasks
from activity.models import Notification, Outbox

DIE = "die"


class PostOffice:
    """What it got is in `mails`, as email.message.EmailMessage.

    at_recipient, at_data: what it answers next, a reply each, oldest first; then it accepts.
    DIE hangs up instead of answering: at the data, after having taken the mail.
    """

    def __init__(self):
        self.mails, self.connections = [], 0
        self.at_recipient, self.at_data = deque(), deque()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.at_recipient:
            return self.at_recipient.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.at_data.popleft() if self.at_data else "250 OK"
        if answer == DIE or answer.startswith("2"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            message.envelope = list(envelope.rcpt_tos)
            self.mails.append(message)
        if answer == DIE:
            server.transport.abort()
        return answer

    def only_mail(self):
        [mail] = self.mails
        return mail

    def to(self, person):
        return [mail for mail in self.mails if mail.envelope == [person.email]]


class Building(Controller):
    """On whichever port is free; `port` says which."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def open_post_office():
    """(PostOffice, its Controller, already started)."""
    office = PostOffice()
    building = Building(office, hostname="127.0.0.1", port=0)
    building.start()
    return office, building


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def expand_all():
    for entry_id in list(Outbox.objects.values_list("pk", flat=True)):
        tasks.expand(entry_id)


def deliver_all():
    due = Notification.objects.due(timezone.now()).order_by("created_at", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        tasks.deliver(str(pk))


def work():
    """What a worker does, woken or not: expand what happened, send what is due."""
    expand_all()
    deliver_all()
