"""GET /conversion on the links host: a site's thank-you button passes through, and goes on.

    /conversion?goal=KEY&pv=CLICK_ID&next=https://careers.example/merci

For sites that can change an address but run no program. Anybody can call it, so it believes little:
only a click id of ours, once for each goal; and it sends on to the goal's own site alone. Whoever
comes without a click id (asked not to be followed, came by themselves) is sent on all the same.
"""

import asyncio
import json
import logging
import os
import re
import threading
import time
import uuid
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db import DataError, IntegrityError, connection
from django.db import Error as DatabaseFailure

from campaigns.conversions.models import Goal
from campaigns.conversions.reporting import pass_through
from campaigns.tracking import click_ids, pages
from campaigns.tracking.classify import is_in_advance
from campaigns.tracking.destination import safe
from campaigns.tracking.own_pages import own_page
from campaigns.tracking.pages import NOT_KEPT, Answer
from campaigns.tracking.stream import EPOCH

log = logging.getLogger(__name__)
KEY = re.compile(r"[0-9a-f]{16}")
# Seconds: how long a goal is remembered, and how long the database may take.
FRESH, PATIENCE = 10, 2.0
REMEMBERED = 1000
MOST_PARAMETERS, LONGEST_QUERY = 20, 4096
# Two threads, so that a flood of calls takes no more of the database than that.
_threads = ThreadPoolExecutor(2, "edge-conversions")
# What was put aside is taken up beside them, so that nobody who passes waits for it: so many files
# in one go, one go at a time.
_beside, _one_go = ThreadPoolExecutor(1, "edge-put-aside"), threading.Semaphore()
IN_ONE_GO = 2000
# What is wrong with one passage (its goal is gone, say) and not with the database.
UNFIT = (DataError, IntegrityError)
UNREADABLE = (ValueError, TypeError, OverflowError)
_goals: OrderedDict[str, tuple[float, "Place | None"]] = OrderedDict()


class Away(Exception):
    """The database does not answer, or not in time."""


class Place(NamedTuple):
    """A goal, and the page it sends people on to."""

    goal: int
    url: str


class Passage(NamedTuple):
    """Somebody came through: for which goal, with which click, when."""

    goal: int
    click: click_ids.ClickId
    at: datetime


@own_page("/conversion")
async def landing(request: Any) -> Answer:
    """Keeps the conversion, then 303 to the goal's site. Never refused because that failed."""
    asked = _asked(request.query)
    try:
        place = await _place(asked.get("goal", ""))
    except Away:
        return pages.page(HTTPStatus.SERVICE_UNAVAILABLE, "busy", request.language)
    if place is None:
        return pages.page(HTTPStatus.NOT_FOUND, "unknown", request.language)
    if request.method == "GET" and is_in_advance(request.purpose):
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, [*NOT_KEPT, (b"vary", b"Sec-Purpose")])
    if request.method == "GET":
        await _record(place.goal, asked.get(click_ids.PARAMETER, ""))
    to = onward(place.url, asked.get("next", ""))
    return Answer(HTTPStatus.SEE_OTHER, [*NOT_KEPT, (b"location", to.encode())])


def onward(own: str, wanted: str) -> str:
    """`wanted` where it lies on the same site as `own`; else `own`."""
    to, home = safe(wanted), safe(own)
    assert home is not None
    return to if to and urlsplit(to)[:2] == urlsplit(home)[:2] else home


def _asked(query):
    """The first of each parameter; nothing of what is no query at all."""
    if len(query) > LONGEST_QUERY:
        return {}
    try:
        pairs = parse_qsl(query.decode("latin-1"), max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return {}
    return dict(reversed(pairs))


async def _place(key) -> Place | None:
    """Raises Away."""
    if not KEY.fullmatch(key):
        return None
    until, place = _goals.get(key, (0.0, None))
    if time.monotonic() < until:
        return place
    try:
        place = await _in_thread(_read_place, key)
    except Away:
        if place is None:
            raise
    _goals[key] = (time.monotonic() + FRESH, place)
    if len(_goals) > REMEMBERED:
        _goals.popitem(last=False)
    return place


def _read_place(key):
    goal = Goal.objects.filter(key=key).first()
    return Place(goal.pk, goal.return_url) if goal and safe(goal.return_url) else None


async def _record(goal, told):
    try:
        click = click_ids.read(told)
    except click_ids.NotOurs:
        return
    passage = Passage(goal, click, datetime.now(UTC))
    try:
        await _in_thread(_keep, passage)
    except (Away, *UNFIT):
        await asyncio.get_running_loop().run_in_executor(None, put_aside, passage)
    else:
        _look_behind()


def _keep(passage):
    pass_through(*passage)


def _look_behind():
    if _one_go.acquire(blocking=False):
        _beside.submit(_fresh, _go_back)


def _go_back():
    try:
        take_up()
    except (DatabaseFailure, OSError) as error:
        log.warning("What was put aside stays there for now: %s", error)
    finally:
        _one_go.release()


async def _in_thread(work, argument):
    loop = asyncio.get_running_loop()
    try:
        return await asyncio.wait_for(
            loop.run_in_executor(_threads, _fresh, work, argument), PATIENCE
        )
    except UNFIT:
        raise
    except (DatabaseFailure, TimeoutError) as error:
        log.warning("The database is away: %s", error)
        raise Away from error


def _fresh(work, *arguments):
    """Calls are rare and far between: a connection of each call's own is never a stale one."""
    try:
        return work(*arguments)
    finally:
        connection.close()


# --- While the database is away ----------------------------------------------------------------
def folder() -> Path:
    return settings.CLICK_SPOOL / "conversions"


def put_aside(passage: Passage) -> None:
    """Returns once this machine's disk has it."""
    goal, click, at = passage
    line = json.dumps([goal, click.id.hex, _milliseconds(click.at), _milliseconds(at)])
    folder().mkdir(parents=True, exist_ok=True)
    part = folder() / f"{uuid.uuid4().hex}.part"
    with part.open("w") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    part.rename(part.with_suffix(".json"))


def take_up() -> int:
    """What was put aside goes the way of the others; how many files that were, IN_ONE_GO at most.

    Read twice, by two processes at once too, a passage counts once. What can never be counted goes
    to the folder `refused` with its reason. Raises DatabaseFailure while the database is away.
    """
    taken = 0
    for file in folder().glob("*.json"):
        taken += _take(file)
        if taken == IN_ONE_GO:
            break
    return taken


def _take(file) -> bool:
    try:
        pass_through(*_passage(file.read_text()))
    except FileNotFoundError:
        return False  # another process was faster
    except OSError as error:
        log.error("%s stays where it is, nobody can read it: %s", file, error)
        return False
    except (*UNREADABLE, *UNFIT) as error:
        _refuse(file, f"{type(error).__name__}: {error}")
        return False
    file.unlink(missing_ok=True)
    return True


def _passage(line):
    goal, click, clicked, at = json.loads(line)
    return Passage(goal, click_ids.ClickId(uuid.UUID(click), _moment(clicked)), _moment(at))


def _refuse(file, reason):
    """Out of the others' way, for somebody to look at."""
    log.error("a conversion of %s is not counted: %s", file, reason)
    refused = folder() / "refused"
    refused.mkdir(exist_ok=True)
    try:
        file.rename(refused / file.name)
    except FileNotFoundError:
        return
    (refused / file.name).with_suffix(".reason").write_text(reason)


def _milliseconds(at):
    return (at - EPOCH) // timedelta(milliseconds=1)


def _moment(milliseconds):
    return EPOCH + timedelta(milliseconds=milliseconds)
