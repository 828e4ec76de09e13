"""Plain makers of real rows, each with just enough to be valid. Override what the test is about."""

import time
from datetime import timedelta
from itertools import count

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.utils import timezone

from activity.models import Notification
from ambassadors.models import (
    Ambassador,
    Charter,
    Department,
    Invitation,
    Location,
    Person,
    Provider,
    Role,
    Topic,
    User,
)
from campaigns.models import (
    Audience,
    Campaign,
    Caption,
    Content,
    DayTotal,
    Goal,
    Link,
    Network,
    PlaceTotal,
    Proposal,
    Share,
    ShortAddress,
    Source,
    Tally,
)
from campaigns.tracking.models import ClickKind

_numbers = count(1)


def confirm(client, user, at=None):
    """As if `user`, logged in with `client`, had just shown that it is them. at: seconds, Unix."""
    session = client.session
    said = {"method": "password", "at": at or time.time(), "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [said]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


def make_user(**fields):
    n = next(_numbers)
    fields = {"first_name": "Maëlle", "last_name": f"Tessier {n}"} | fields
    password = fields.pop("password", None)
    return User.objects.create_user(
        fields.pop("email", f"person{n}@orvaly.example"), password, **fields
    )


def make_manager(**fields):
    return make_user(**{"role": Role.MANAGER} | fields)


def make_admin(**fields):
    return make_user(**{"role": Role.ADMIN} | fields)


def make_department(**fields):
    return Department.objects.create(**{"name": f"Service {next(_numbers)}"} | fields)


def make_location(**fields):
    return Location.objects.create(**{"name": f"Lieu {next(_numbers)}"} | fields)


def make_person(user=None, **fields):
    user = user or make_user()
    return Person.objects.create(**{"user": user} | fields)


def make_ambassador(user=None, **fields):
    """An active ambassador who accepted the charter; other states by `state=`."""
    defaults = {"state": Ambassador.State.ACTIVE, "joined_at": timezone.now(), "next_step": ""}
    return Ambassador.objects.create(user=user or make_user(), **defaults | fields)


def make_charter(**fields):
    n = next(_numbers)
    defaults = {
        # Above the versions that come with the product.
        "version": 100 + n,
        "text_fr": "C’est volontaire.",
        "text_en": "It’s voluntary.",
        "published_at": timezone.now(),
    }
    return Charter.objects.create(**defaults | fields)


def make_topic(**fields):
    n = next(_numbers)
    return Topic.objects.create(**{"name": f"Sujet {n}", "slug": f"sujet-{n}"} | fields)


def make_campaign(**fields):
    """A running marketing campaign for everybody; other states by `state=`."""
    n, now = next(_numbers), timezone.now()
    audience = fields.pop("audience", {})
    defaults = {
        "kind": Campaign.Kind.MARKETING,
        "name_fr": f"Campagne {n}",
        "slug": f"campagne-{n}",
        "objective_fr": "Faire connaître nos chantiers.",
        "indicator": Campaign.Indicator.VISITS,
        "target": 100,
        "owner": None,
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=41),
        "state": Campaign.State.RUNNING,
    }
    fields = defaults | fields
    fields["owner"] = fields["owner"] or make_manager()
    campaign = Campaign.objects.create(**fields)
    row = Audience.objects.create(
        campaign=campaign,
        languages=audience.pop("languages", []),
        tags=audience.pop("tags", []),
    )
    for name, members in audience.items():
        getattr(row, name).set(members)
    return campaign


def make_ready_campaign(**fields):
    """A campaign that could start: one ambassador to write to, one approved item with a text."""
    make_ambassador()
    campaign = make_campaign(**{"state": Campaign.State.DRAFT} | fields)
    content = make_content(campaign=campaign, status=Content.Status.APPROVED, published_at=None)
    make_caption(content)
    return campaign


def make_content(**fields):
    """A published item of a running campaign; other states by `status=`."""
    now = timezone.now()
    topics = fields.pop("topics", [])
    fields = {
        "url": "https://orvaly.example/actualites/ecole-passive",
        "title": f"Ce qu’une école passive nous a appris {next(_numbers)}",
        "why": "Des chiffres vérifiés.",
        "status": Content.Status.PUBLISHED,
        "publish_at": now - timedelta(hours=1),
        "published_at": now - timedelta(hours=1),
    } | fields
    fields["campaign"] = fields.get("campaign") or make_campaign()
    fields["author"] = fields.get("author") or make_manager()
    fields.setdefault("changed_by", fields["author"])
    content = Content.objects.create(**fields)
    content.topics.set(topics)
    return content


def make_network(slug="linkedin"):
    """One of the seeded networks, by its slug."""
    return Network.objects.get(slug=slug)


def make_caption(content=None, **fields):
    content = content or make_content()
    fields = {
        "network": fields.get("network") or make_network(),
        "language": "fr",
        "text": "Ce que l’hiver nous a appris sur une école passive.",
        "status": Caption.Status.APPROVED,
        "writer": content.author,
    } | fields
    return Caption.objects.create(content=content, **fields)


def make_link(ambassador=None, content=None, network="linkedin", **fields):
    return Link.objects.create(
        ambassador=ambassador or make_ambassador(),
        content=content or make_content(),
        network=make_network(network),
        **fields,
    )


def make_address(code="carrieres", content=None):
    return ShortAddress.give(content or make_content(), code, by=make_manager())


def make_share(link=None, **fields):
    """A share that was declared just now; `declared_at=None` leaves the question open."""
    fields = {"opened_at": timezone.now(), "declared_at": timezone.now()} | fields
    return Share.objects.create(link=link or make_link(), **fields)


def make_tally(link=None, **fields):
    """Three clicks by people today, in the department where the link's ambassador works now."""
    link = link or make_link()
    person = Person.objects.filter(user=link.ambassador_id).first()
    fields = {
        "day": timezone.localdate(),
        "kind": ClickKind.HUMAN,
        "department_id": person and person.department_id,
        "clicks": 3,
    } | fields
    if fields["kind"] == ClickKind.HUMAN:
        fields.setdefault("uniques", fields["clicks"])
    tally = Tally.objects.create(
        link=link,
        ambassador_id=link.ambassador_id,
        content=link.content,
        campaign=link.content.campaign,
        network=link.network,
        **fields,
    )
    _add_to_totals(tally)
    return tally


def _add_to_totals(tally):
    total, _ = DayTotal.objects.get_or_create(
        day=tally.day,
        content=tally.content,
        network=tally.network,
        department_id=tally.department_id,
        kind=tally.kind,
        defaults={"campaign": tally.campaign},
    )
    total.clicks += tally.clicks
    total.uniques += tally.uniques
    total.save()
    place, _ = PlaceTotal.objects.get_or_create(
        day=tally.day,
        content=tally.content,
        network=tally.network,
        defaults={"campaign": tally.campaign},
    )
    column = "own" if tally.kind == ClickKind.SELF else str(tally.kind)
    setattr(place, column, getattr(place, column) + tally.clicks)
    place.uniques += tally.uniques
    place.save()


def make_invitation(user=None, **fields):
    """An open invitation, just sent."""
    return Invitation.send(user or make_user(), **fields)


def make_notification(recipient=None, **fields):
    """A queued mail about a started campaign: a bulk one; `kind="invitation"` is transactional.

    Both are true when they are sent, unless the test changes what they are about.
    """
    recipient = recipient or make_ambassador().user
    fields = {"kind": "campaign.launched", "channel": "email"} | fields
    if "subject_id" not in fields:
        makers = {"campaign.launched": make_campaign, "invitation": lambda: _invitation(recipient)}
        fields["subject_id"] = str(makers[fields["kind"]]().pk)
    fields.setdefault("key", f"test:{next(_numbers)}")
    return Notification.objects.create(recipient=recipient, **fields)


def _invitation(user):
    # Not send(): that would queue a mail of its own.
    Ambassador.objects.filter(user=user).update(state=Ambassador.State.INVITED)
    return Invitation.objects.create(user=user, expires_at=timezone.now() + timedelta(days=14))


def make_member(department=None, **fields):
    """An employee who joined a year ago and shares; more about the person in `person=`."""
    person = make_person(department=department, **fields.pop("person", {}))
    return make_ambassador(
        person.user, **{"joined_at": timezone.now() - timedelta(days=365)} | fields
    )


def make_source(**fields):
    """A feed that is due to be read, for drafts of a running campaign."""
    n = next(_numbers)
    fields = {
        "name": f"Blogue {n}",
        "kind": Source.Kind.FEED,
        "url": f"http://site.example/fil-{n}.xml",
        "language": "fr",
    } | fields
    topics = fields.pop("topics", [])
    fields["campaign"] = fields.get("campaign") or make_campaign()
    fields["owner"] = fields.get("owner") or make_manager()
    source = Source.objects.create(**fields)
    source.topics.set(topics)
    return source


def make_proposal(**fields):
    """A page a member has proposed just now; other states by `state=`."""
    url = f"https://orvaly.example/article-{next(_numbers)}"
    fields = {"url": url, "why": "On y voit l’équipe."} | fields
    fields["proposer"] = fields.get("proposer") or make_ambassador().user
    return Proposal.objects.create(**fields)


def make_goal(campaign=None, **fields):
    campaign = campaign or make_campaign()
    given = {"kind": "application", "return_url": "https://careers.example/merci"} | fields
    return Goal.objects.create(campaign=campaign, **given)


def make_provider(kind="openid", domains=("orvaly.example",), **fields):
    """A company's login that is on; an OpenID provider unless it is told otherwise."""
    own = {
        "openid": {"issuer": "https://login.orvaly.example", "client_id": "porte-voix"},
        "saml": {
            "entity_id": "https://login.orvaly.example/idp",
            "sign_in_url": "https://login.orvaly.example/sso",
            "certificates": ["MIIB"],
        },
    }[kind]
    n, fields = next(_numbers), own | fields
    secret = fields.pop("secret", "")
    provider = Provider(kind=kind, **{"name": f"Orvaly {n}", "is_on": True} | fields)
    provider.secret = secret
    provider.set_up(list(domains), by=None)
    return provider
