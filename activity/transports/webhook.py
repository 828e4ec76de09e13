"""Outgoing webhooks: the envelope of Standard Webhooks. How it is signed: endpoints/signing.py."""

from datetime import UTC, datetime


def body(event: str, at: datetime, data: dict) -> dict:
    """`{"type": …, "timestamp": …, "data": {…}}`."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"type": event, "timestamp": moment, "data": data}
