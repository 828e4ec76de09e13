"""Twenty-six weeks of shares and clicks, in a shape that a real programme has.

Few people share much and many share little; launches lift a week and July empties one; most posts
bring a handful of visits and a few bring a hundred; previews and robots come with every post.
"""

import math
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import Caption, Link, Network, Share
from campaigns.sharing.models import ALPHABET, CODE_LENGTH
from campaigns.tracking.ingest import ingest
from campaigns.tracking.stream import ClickEvent
from demo.people import KEENEST

WEEKS = 26
# How many visits a post brings on average, and how often each network is chosen.
PULL = {"linkedin": 4.6, "facebook": 3.1, "x": 1.4, "bluesky": 2.0}
CHOICE = {"linkedin": 6, "facebook": 2, "x": 1, "bluesky": 1}
BY_WEEKDAY = [4, 7, 6, 5, 3, 0.4, 0.3]
PEOPLE = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.30.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
]
PREVIEWS = {
    "linkedin": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "x": "Twitterbot/1.0",
    "bluesky": "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
}
ROBOTS = [
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "python-requests/2.32.3",
]


def make_history(dice, ambassadors, contents, now):
    """Links, shares and clicks up to `now`. Returns the number of clicks that were new."""
    posts = list(_posts(dice, ambassadors, contents, now))
    links = _make_links(dice, posts)
    shares = _make_shares(dice, posts, links)
    events = sorted(_events(dice, shares, contents, now), key=lambda event: event.at)
    return sum(ingest(events[start : start + 5000]) for start in range(0, len(events), 5000))


def season(week, launches):
    """How lively a week is, from 0 (the first) to 25: growth, launches, and the summer's hush."""
    grown = 0.34 + 0.66 / (1 + math.exp(-(week - 9) / 4))
    lift = sum(math.exp(-(week - start) / 2.2) * 0.45 for start in launches if week >= start)
    return grown * (1 + lift)


def _posts(dice, ambassadors, contents, now):
    """Who shares what, where and when: (ambassador, content, network slug, moment), by time."""
    first = (now - timedelta(weeks=WEEKS)).date()
    launches = [WEEKS - weeks_ago for weeks_ago in (25, 11, 5)]
    appeal = {content.pk: dice.lognormvariate(0, 0.6) for content in contents}
    posts = []
    for week in range(WEEKS):
        monday = first + timedelta(weeks=week)
        quiet = 0.55 if monday.month == 7 or (monday.month == 8 and monday.day < 16) else 1
        for ambassador in ambassadors:
            chance = min(0.92, 0.13 * ambassador.keen * season(week, launches) * quiet)
            if ambassador.keen == KEENEST and week >= WEEKS - 2:
                chance = 1
            for _ in range(sum(dice.random() < chance / (n + 1) for n in range(2))):
                moment = _moment(dice, monday, ambassador.user)
                if not (ambassador.joined_at < moment < now):
                    continue
                content = _choose(dice, ambassador, contents, appeal, moment)
                if content:
                    posts.append((ambassador, content, _network(dice, ambassador), moment))
    return sorted(posts, key=lambda post: post[3])


def _moment(dice, monday, user):
    """A weekday, mostly in the morning or after supper, on the person's own clock."""
    day = monday + timedelta(days=dice.choices(range(7), BY_WEEKDAY)[0])
    hour = dice.choices([7, 8, 9, 11, 12, 13, 16, 19, 20], [5, 7, 5, 2, 4, 2, 2, 3, 2])[0]
    at = time(hour, dice.randrange(60), dice.randrange(60))
    return datetime.combine(day, at, ZoneInfo(user.time_zone))


def _choose(dice, ambassador, contents, appeal, moment):
    """One of the items that were live then and meant for that person; newer ones are likelier."""
    live = [
        content
        for content in contents
        if content.published_at < moment
        and (content.expires_at is None or moment < content.expires_at)
        and _meant_for(content, ambassador)
    ]
    if not live:
        return None
    weights = [
        appeal[content.pk] * math.exp(-(moment - content.published_at).days / 25) + 0.02
        for content in live
    ]
    return dice.choices(live, weights)[0]


def _meant_for(content, ambassador):
    wanted = content.campaign.demo_departments
    return not wanted or ambassador.person.department_id in wanted


def _network(dice, ambassador):
    offered = [slug for slug in ambassador.networks if slug in CHOICE]
    return dice.choices(offered, [CHOICE[slug] for slug in offered])[0]


def _code(dice):
    """As new_code(), from the demo's own dice: the same on every run."""
    return "".join(dice.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _make_links(dice, posts):
    networks = {network.slug: network for network in Network.objects.all()}
    links = {}
    for ambassador, content, slug, moment in posts:
        key = (ambassador.pk, content.pk, slug)
        if key not in links:
            links[key] = Link(
                code=_code(dice),
                ambassador=ambassador,
                content=content,
                network=networks[slug],
                created_at=moment,
            )
    Link.objects.bulk_create(links.values(), batch_size=2000)
    return links


def _make_shares(dice, posts, links):
    captions = {}
    for caption in Caption.objects.select_related("network"):
        captions.setdefault((caption.content_id, caption.network.slug), []).append(caption)
    shares, waiting = [], set()
    for ambassador, content, slug, moment in posts:
        link = links[ambassador.pk, content.pk, slug]
        answer = dice.choices(["declared", "dismissed", None], [78, 9, 13])[0]
        if ambassador.keen == KEENEST:
            answer = "declared"
        if link in waiting:
            continue
        if answer is None:
            waiting.add(link)
        shares.append(
            Share(
                link=link,
                caption=_caption(dice, captions[content.pk, slug], ambassador.user.language),
                is_own_words=dice.random() < 0.55,
                disclosure=content.disclosure(ambassador.user.language),
                opened_at=moment,
                declared_at=moment + timedelta(minutes=2) if answer == "declared" else None,
                dismissed_at=moment + timedelta(minutes=2) if answer == "dismissed" else None,
            )
        )
    Share.objects.bulk_create(shares, batch_size=2000)
    return shares


def _caption(dice, captions, language):
    """One of the texts in the person's language, or in the other where there is none."""
    own = [caption for caption in captions if caption.language == language]
    return dice.choice(own or captions)


def _events(dice, shares, contents, now):
    appeal = {content.pk: min(2.5, dice.lognormvariate(0, 0.75)) for content in contents}
    for share in shares:
        posted = share.opened_at + timedelta(minutes=2)
        if share.declared_at is None:
            continue
        slug = share.link.network.slug
        yield from _previews(dice, share.link, slug, posted, now)
        reach = 7 if share.link.ambassador.keen == KEENEST else dice.lognormvariate(0, 0.9)
        for _ in range(_poisson(dice, PULL[slug] * appeal[share.link.content_id] * reach * 0.62)):
            yield from _visit(dice, share.link, posted, now)


def _previews(dice, link, slug, posted, now):
    for seconds in range(2, 2 + dice.randrange(1, 3)):
        yield _event(dice, link, posted + timedelta(seconds=seconds), PREVIEWS[slug])
    if dice.random() < 0.35:
        later = posted + timedelta(hours=dice.expovariate(1 / 30))
        if later < now:
            yield _event(dice, link, later, dice.choice(ROBOTS))


def _visit(dice, link, posted, now):
    at = posted + timedelta(minutes=3, hours=dice.expovariate(1 / 22))
    if at >= now:
        return
    visitor, agent = dice.randbytes(16), dice.choice(PEOPLE)
    yield _event(dice, link, at, agent, visitor)
    if dice.random() < 0.07:
        yield _event(dice, link, at + timedelta(seconds=4), agent, visitor)


def _event(dice, link, at, agent, visitor=None):
    return ClickEvent.make(link.pk, at=at, agent=agent, visitor=visitor or dice.randbytes(16))


def _poisson(dice, mean):
    """Knuth's method; means here are small."""
    limit, product, count = math.exp(-min(mean, 400)), dice.random(), 0
    while product > limit:
        product, count = product * dice.random(), count + 1
    return count
