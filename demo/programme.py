"""Three campaigns and sixty items, brought to life by the product's own verbs at their own time."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from ambassadors.models import Department, Topic, User
from campaigns.models import Audience, Campaign, Caption, Content, Network
from demo import company
from demo.clock import at
from demo.stories import PICTURES, STORIES

IMAGES = Path(__file__).parent / "images"
# Still on their way when the demo opens, so that every queue has something in it.
UNFINISHED = {
    "bilan-2026": "in_review",
    "museum-humidity": "in_review",
    "salaires-affiches": "in_review",
    "suite-janvier": "draft",
    "cantine": "changes_requested",
    "nantes-semaine": "approved",
}
WITHDRAWN = "renover-sans-fermer"
EXPIRING = {"portes-ouvertes-laval": 5, "douze-technologues": 9, "tablette-cinq-reponses": 2}


def make_topics():
    for position, (slug, (name, name_en)) in enumerate(company.TOPICS.items()):
        Topic.objects.create(slug=slug, name=name, name_en=name_en, position=position)


def make_programme(dice, now):
    """Campaigns and contents. Returns the published contents, oldest first."""
    writer = User.objects.get(email=company.WRITER[1])
    owner = User.objects.get(email="rh@orvaly.example")
    approver = User.objects.get(email="admin@orvaly.example")
    topics = {topic.slug: topic for topic in Topic.objects.all()}
    campaigns = {slug: _campaign(slug, owner, now) for slug in company.CAMPAIGNS}
    moments = _moments(dice, campaigns, now)
    for story, moment in sorted(zip(STORIES, moments, strict=True), key=lambda pair: pair[1]):
        with at(moment):
            _content(dice, story, campaigns[story.campaign], topics, writer, approver, now)
    return list(Content.objects.exclude(published_at=None).order_by("published_at"))


def _campaign(slug, owner, now):
    about = dict(company.CAMPAIGNS[slug])
    starts = (now - timedelta(weeks=about.pop("weeks_ago"))).replace(hour=7, minute=30)
    ends = (starts + timedelta(weeks=about.pop("weeks"))).replace(hour=17, minute=0)
    with at(starts - timedelta(days=9)):
        campaign = Campaign.objects.create(
            slug=slug,
            owner=owner,
            starts_at=starts,
            ends_at=ends,
            fallback_url="https://orvaly.example/",
            **about,
        )
        audience = Audience.objects.create(campaign=campaign)
        if about["kind"] == "change":
            names = ["Production", "Logistique", "Qualité", "Technologies de l'information"]
            audience.departments.set(Department.objects.filter(name__in=names, parent=None))
    return campaign


def launch(campaign, owner, approver):
    """Through every state, each at its own time."""
    moves = [
        (timedelta(days=-7), lambda: campaign.submit(owner)),
        (timedelta(days=-6), lambda: campaign.approve(approver)),
        (timedelta(days=-5), lambda: campaign.schedule(owner)),
        (timedelta(), campaign.launch),
    ]
    for offset, move in moves:
        with at(campaign.starts_at + offset):
            move()


def _moments(dice, campaigns, now):
    """When each story is written: a steady trickle from a week before the launch until today."""
    counts, moments = {}, []
    totals = {slug: sum(s.campaign == slug for s in STORIES) for slug in campaigns}
    for story in STORIES:
        start = campaigns[story.campaign].starts_at - timedelta(days=4)
        index = counts[story.campaign] = counts.get(story.campaign, -1) + 1
        room = now - timedelta(days=1) - start
        share = max(0, index - 3) / totals[story.campaign]
        if story.path in UNFINISHED:
            # What waits, waits for days, not for weeks.
            room, share = room - timedelta(days=dice.uniform(0, 4)), 1
        day = start + room * share
        moments.append(day.replace(hour=dice.randrange(9, 16), minute=dice.randrange(60)))
    return moments


def _content(dice, story, campaign, topics, writer, approver, now):
    written = timezone.now()
    evergreen = dice.random() < 0.3
    content = Content.objects.create(
        campaign=campaign,
        url=f"https://orvaly.example/{story.language}/{story.path}",
        language=story.language,
        title=story.title,
        why=story.why,
        image_alt=PICTURES[story.picture],
        publish_at=written,
        expires_at=_expiry(dice, story, evergreen, written, now),
        author=writer,
        changed_by=writer,
    )
    content.image = _picture(story.picture)
    content.save(update_fields=["image"])
    content.topics.set([topics[story.topic]])
    _captions(content, story, writer)
    _bring_to_life(content, story, campaign, writer, approver, written)


@cache
def _picture(name):
    """Stores a picture once; the items that show it share the file."""
    data = ContentFile((IMAGES / f"{name}.jpg").read_bytes())
    return default_storage.save(f"content/demo-{name}.jpg", data)


def _expiry(dice, story, evergreen, written, now):
    if story.path in EXPIRING:
        return now + timedelta(days=EXPIRING[story.path], hours=17)
    if evergreen:
        return None
    day = written + timedelta(days=dice.choice([60, 90, 120]))
    return timezone.localtime(day).replace(hour=17, minute=0, second=0, microsecond=0)


def _captions(content, story, writer):
    networks = {
        n.slug: n for n in Network.objects.filter(slug__in=["linkedin", "x", "facebook", "bluesky"])
    }
    french, english = story.french, story.english
    texts = [
        ("linkedin", "fr", f"{french}\n\n{story.why}"),
        ("linkedin", "fr", f"{story.title}.\n\n{french}"),
        ("linkedin", "fr", french),
        ("linkedin", "fr", f"{story.why} {french}"),
        ("linkedin", "en", english),
        ("x", "fr", french),
        ("x", "en", english),
        ("facebook", "fr", french),
        ("facebook", "fr", f"{story.title}. {story.why}"),
        ("bluesky", "fr", french),
        ("bluesky", "en", english),
    ]
    Caption.objects.bulk_create(
        Caption(
            content=content,
            network=networks[slug],
            language=language,
            text=text,
            writer=writer,
            position=position,
        )
        for position, (slug, language, text) in enumerate(texts)
        # The title and the reason of an English page are in English.
        if not (story.language == "en" and language == "fr" and text != french)
    )


def _bring_to_life(content, story, campaign, writer, approver, written):
    """Submitted, decided and published within two days, unless it is one that waits."""
    stop = UNFINISHED.get(story.path)
    if stop == "draft":
        return
    with at(written + timedelta(hours=1)):
        content.submit(writer)
    if stop == "in_review":
        return
    with at(written + timedelta(hours=20)):
        if stop == "changes_requested":
            content.request_changes(
                approver,
                "Le chiffre de la cantine date de 2024. Mettez celui de cette année et sa source.",
            )
            return
        content.approve(approver)
    if stop != "approved":
        with at(written + timedelta(hours=21)):
            content.publish()


def close(writer, now):
    """What has run its course by today, and the one item that turned out to be wrong."""
    for content in Content.objects.due_to_expire(now):
        with at(content.expires_at):
            content.expire()
    wrong = Content.objects.filter(Q(url__endswith=WITHDRAWN)).first()
    if wrong and wrong.status in {"published", "expired"}:
        with at(now - timedelta(days=3)):
            wrong.withdraw(
                writer,
                "La bibliothèque a fermé une demi-journée en mars. Nous corrigeons l’article.",
            )
