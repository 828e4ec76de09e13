"""One appointment as an iCalendar file (RFC 5545): lines of 75 bytes, ended by CR LF."""

from dataclasses import dataclass
from datetime import UTC, datetime

LINE = 75
MINUTES = 15


@dataclass(frozen=True)
class Event:
    """uid: the same for the same appointment, so that a calendar replaces it. url: where it leads.

    at, made_at: aware. Plain texts; whatever the format sets apart is escaped here.
    """

    uid: str
    at: datetime
    made_at: datetime
    summary: str
    url: str


def write(event: Event) -> bytes:
    """The file, with an alarm at the moment itself."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Porte-voix//Porte-voix//FR",
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_utc(event.made_at)}",
        f"DTSTART:{_utc(event.at)}",
        f"DURATION:PT{MINUTES}M",
        f"SUMMARY:{_escaped(event.summary)}",
        f"DESCRIPTION:{_escaped(event.url)}",
        f"URL:{event.url}",
        # Reminded, not busy.
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(event.summary)}",
        "TRIGGER:PT0M",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _utc(moment):
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text):
    text = " ".join(text.split())
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text


def _folded(line):
    """Broken after 75 bytes at most, never inside a character; the rest begins with a space."""
    parts, part = [], ""
    for character in line:
        if len(f"{part}{character}".encode()) > LINE:
            parts, part = [*parts, part], " "
        part += character
    return "\r\n".join([*parts, part])
