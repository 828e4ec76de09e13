"""Who or what clicked. Pure functions: no database, no clock.

The first rule that holds decides, and its name is stored as the reason. What is asked for by
HEAD is no click and never comes here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import crawleruseragents
from django.utils.timezone import get_default_timezone

from campaigns.tracking.models import ClickKind
from campaigns.tracking.stream import ClickEvent

REPEAT_WINDOW = timedelta(seconds=30)
# Until then only whose link it is can have it: it is made when the network's composer opens.
OWN_WINDOW = timedelta(seconds=10)
# So many links of ours within so short a time are opened by a machine that checks a message.
SCAN_WINDOW, SCAN_LINKS = timedelta(seconds=2), 4
SHORTEST_AGENT = 8

ADVANCE = re.compile(r"prefetch|prerender|preview|preload|instant", re.IGNORECASE)

# Browsers inside the networks' applications: people, whatever the application's name suggests.
IN_APP = re.compile(
    r"^Mozilla/5\.0 .*("
    r"\bFB(AN|AV|_IAB|BV)/|MetaIAB|Instagram \d|\[?LinkedInApp|Twitter for |TwitterAndroid"
    r"|musical_ly|\btrill_|BytedanceWebview|\bTikTok[ /]\d|MicroMessenger/|\bLine/\d|KAKAOTALK \d"
    r"|Snapchat/\d|Barcelona \d|\[Pinterest/|Pinterest for |\bGSA/\d|Viber/\d"
    r")"
)
# Who fetches a page to draw a card of it, over and above the list's own "social-preview".
PREVIEWERS = re.compile(
    r"facebookexternalhit|Facebot|Twitterbot|LinkedInBot|Slackbot|Slack-ImgProxy|WhatsApp/"
    r"|TelegramBot|Discordbot|SkypeUriPreview|MicrosoftPreview|BingPreview|ms-office|MSOffice"
    r"|Microsoft Office|Microsoft Outlook|TeamsPreview|Bluesky Cardyb|Pinterestbot|redditbot"
    r"|Mastodon/|Akkoma|Pleroma|Misskey|Iframely|Embedly|vkShare|ZoomBot|NotionEmbedder|NotionBot"
    r"|Rocket\.?Chat|Signal-(Android|Desktop)|SignalPreview|kakaotalk-scrap|Mattermost-Bot|Synapse"
    r"|Google-PageRenderer|Link ?Preview|meta-externalfetcher",
    re.IGNORECASE,
)
SCANNERS = re.compile(
    r"Barracuda|Mimecast|proofpoint|SafeLinks|Safe Links|FireEye|TrendMicro|Sophos|Cloudmark"
    r"|IronPort|MessageLabs|Forcepoint|Zscaler|urldefense",
    re.IGNORECASE,
)
# In the public list by mistake: a build number of many telephones, and two real browsers.
NOT_CRAWLERS = {r"AP3A\.240617\.008", "MetaIAB Facebook", "Fluid"}
MORE_BOTS = (r"YandexBot", r"(?i:\bbot\b)", r"[a-z][Bb]ot/", r"(?i:crawler|spider)")


class Verdict(NamedTuple):
    kind: str
    reason: str = ""
    is_first: bool = False


PERSON = Verdict(ClickKind.HUMAN)


@cache
def _crawlers() -> tuple[re.Pattern, re.Pattern]:
    """The public list in two expressions: those that draw cards, and all the others."""
    cards: list[str] = []
    others = list(MORE_BOTS)
    for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA:
        if crawler["pattern"] not in NOT_CRAWLERS:
            draws = "social-preview" in crawler.get("tags", ())
            (cards if draws else others).append(crawler["pattern"])
    return re.compile("|".join(cards)), re.compile("|".join(others))


@lru_cache(maxsize=16384)
def draws_cards(agent: str) -> bool:
    """Is this a program that wants a page's title and picture, and not the page?"""
    return bool(PREVIEWERS.search(agent) and not IN_APP.search(agent))


def is_in_advance(purpose: str) -> bool:
    """Did the browser say that nobody has asked for the page yet?"""
    return bool(purpose and ADVANCE.search(purpose))


@lru_cache(maxsize=65536)
def by_agent(agent: str) -> Verdict:
    """What the agent's own words say: a person, or which kind of program."""
    if len(agent) < SHORTEST_AGENT:
        return Verdict(ClickKind.BOT, "no_agent")
    if IN_APP.search(agent):
        return PERSON
    if found := PREVIEWERS.search(agent):
        return _named(ClickKind.PREVIEW, found)
    if found := SCANNERS.search(agent):
        return _named(ClickKind.SCANNER, found)
    cards, others = _crawlers()
    if found := cards.search(agent):
        return _named(ClickKind.PREVIEW, found)
    if found := others.search(agent):
        return _named(ClickKind.BOT, found)
    return PERSON


def _named(kind, found):
    return Verdict(kind, f"agent:{found.group(0)}"[:60])


def by_headers(event: ClickEvent) -> Verdict:
    if is_in_advance(event.purpose):
        return Verdict(ClickKind.PREFETCH, "purpose")
    return by_agent(event.agent)


def local_day(at: datetime) -> date:
    """The organisation's day, whoever asks."""
    return at.astimezone(get_default_timezone()).date()


def local_hour(at: datetime) -> datetime:
    """The start of the hour on the organisation's clock, which may be half an hour off UTC's."""
    here = at.astimezone(get_default_timezone())
    return at - timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The organisation's day as [start, end)."""
    zone = get_default_timezone()
    following = day + timedelta(days=1)
    return datetime.combine(day, time.min, zone), datetime.combine(following, time.min, zone)


class Trail(NamedTuple):
    """What one visitor clicks on one link in one day; classified in its order."""

    link_id: int
    visitor: bytes
    day: date


def trail_of(event: ClickEvent) -> Trail:
    assert event.visitor is not None
    return Trail(event.link_id, event.visitor, local_day(event.at))


@dataclass(slots=True)
class Past:
    """How far a trail has come: whether it began as the ambassador's own, and its last click."""

    is_own: bool
    last: datetime


class Judge:
    """Classifies clicks one after the other, in the order of their time.

    made: when each link was made. past: how far trails had come before. scans: ids of what a
    machine did, from `scans()`.
    """

    def __init__(self, made: Mapping[int, datetime], past: dict[Trail, Past], scans: set):
        self._made, self._past, self._scans = made, past, scans

    def decide(self, event: ClickEvent) -> Verdict:
        verdict = by_headers(event)
        if verdict.kind != ClickKind.HUMAN:
            return verdict
        if event.id in self._scans:
            return Verdict(ClickKind.SCANNER, "burst")
        if event.visitor is None:
            return Verdict(ClickKind.SELF, "just_made") if self._just_made(event) else PERSON
        return self._in_trail(event)

    def _in_trail(self, event):
        trail = trail_of(event)
        past = self._past.get(trail)
        if past is None:
            own = self._just_made(event)
            self._past[trail] = Past(own, event.at)
            return Verdict(ClickKind.SELF, "just_made") if own else PERSON._replace(is_first=True)
        is_repeat = abs(event.at - past.last) <= REPEAT_WINDOW
        past.last = max(past.last, event.at)
        if is_repeat:
            return Verdict(ClickKind.REPEAT, "repeat")
        return Verdict(ClickKind.SELF, "same_visitor") if past.is_own else PERSON

    def _just_made(self, event):
        return event.at < self._made[event.link_id] + OWN_WINDOW


def scans(events: Iterable[ClickEvent]) -> set:
    """Ids of clicks that are part of a burst: one visitor, many links, at once."""
    people = (e for e in events if e.visitor and by_headers(e).kind == ClickKind.HUMAN)
    ordered = sorted(people, key=attrgetter("visitor", "at"))
    found = set()
    for _, clicks in groupby(ordered, key=attrgetter("visitor")):
        found |= _bursts(list(clicks))
    return found


def _bursts(clicks):
    """The same for one visitor's clicks, in order: a window that slides over them."""
    found, first, marked, links = set(), 0, 0, Counter()
    for last, click in enumerate(clicks):
        links[click.link_id] += 1
        while click.at - clicks[first].at > SCAN_WINDOW:
            gone = clicks[first].link_id
            links[gone] -= 1
            if not links[gone]:
                del links[gone]
            first += 1
        if len(links) >= SCAN_LINKS:
            found.update(other.id for other in clicks[max(first, marked) : last + 1])
            marked = last + 1
    return found
