"""Why a message did not arrive, as a sentence for an administrator."""

from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.outside import in_words

OWN = {
    "stopped": gettext_lazy("The connection was stopped before it could be sent."),
    "died": gettext_lazy("Our worker was stopped while sending: it may have arrived."),
    "unreadable": gettext_lazy(
        "The key of this server has changed: enter the address again, and exchange the secret."
    ),
}
SLACK = {
    400: gettext_lazy("Slack could not read the message."),
    403: gettext_lazy("Slack refuses: the webhook was revoked, or the channel lets no app post."),
    404: gettext_lazy("Slack knows no such webhook: it was removed. Make a new one there."),
    410: gettext_lazy("The channel was archived in Slack."),
}
TEAMS = {
    400: gettext_lazy("The workflow could not read the message, or it is switched off."),
    401: gettext_lazy("The workflow refuses: copy its address again, whole."),
    403: gettext_lazy("The workflow refuses: copy its address again, whole."),
    404: gettext_lazy("The workflow was deleted. Make a new one in Teams."),
    410: gettext_lazy("The workflow was deleted. Make a new one in Teams."),
}
ANY = {
    401: gettext_lazy("The receiver did not let us in (401)."),
    403: gettext_lazy("The receiver did not let us in (403)."),
    404: gettext_lazy("There is nothing at this address (404)."),
    410: gettext_lazy("The receiver says that it is gone for good (410)."),
    429: gettext_lazy("It was too much at once (429): we wait as long as we are asked to."),
}


def in_plain_words(problem: str, kind: str) -> str:
    """What a `problem` of a Delivery, Attempt or Endpoint of `kind` means; "" of ""."""
    if problem in OWN:
        return str(OWN[problem])
    word, _space, status = problem.partition(" ")
    if word != "status":
        return in_words(problem)
    return _of_status(int(status), kind)


def _of_status(status, kind):
    known = {"slack": SLACK, "teams": TEAMS}.get(kind, {})
    if text := known.get(status) or ANY.get(status):
        return str(text)
    if 300 <= status < 400:
        return _(
            "The address leads to another one (%(status)d). We do not follow: enter the new one."
        ) % {"status": status}
    if status >= 500:
        return _("The receiver is out of order (%(status)d).") % {"status": status}
    return _("The receiver refused the message (%(status)d: %(words)s).") % {
        "status": status,
        "words": _phrase(status),
    }


def _phrase(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "?"
