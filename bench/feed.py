"""python -m bench.feed: what the feed page costs with 5,000 items and 50,000 people.

Two databases of its own, one a tenth of the other, measured in turns. The time is that of the
whole answer, from the request to the last byte, without a network: session, queries, templates.
"""

import gc
import os
import random
import sys
import time
from datetime import timedelta
from statistics import median, quantiles

from bench.figures import conclude, show
from launch.testing import start_test_services

ITEMS, PEOPLE = 5_000, 50_000
TENTH = 10
CAMPAIGNS, PER_DEPARTMENT, SHARES_EACH = 40, 125, 4
READERS, WARM = 90, 5
CARDS = 10
BAR = 1.2
MOST_QUERIES = 12
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def main():
    # Servers of its own, also where somebody says which ones there are: it makes databases there.
    for variable in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(variable, None)
    services = start_test_services()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        set_up()
        full = Library("feed_full", ITEMS, PEOPLE)
        tenth = Library("feed_tenth", ITEMS // TENTH, PEOPLE // TENTH)
        for library in (tenth, full):
            library.make()
        for n in range(WARM + READERS):
            # In turns: whatever else the machine does meets both.
            for library in (tenth, full):
                library.measure(warm=n < WARM)
        for library in (tenth, full):
            library.count_queries()
        return report(tenth, full)
    finally:
        services.stop()


def set_up():
    import django
    from django.conf import settings

    # As in the tests: nothing has been collected here.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
    django.setup()


def report(tenth, full):
    busy = round(os.getloadavg()[0], 1)
    show(
        [
            ["feed", "items", "people", "median ms", "p95 ms", "queries"],
            *(each.row() for each in (tenth, full)),
        ]
    )
    ratio = round(full.median / tenth.median, 3)
    print(f"ratio of the medians: {ratio}")
    misses = []
    if ratio > BAR:
        misses.append(f"{ratio} times as long for ten times as much, more than {BAR}")
    if full.queries != tenth.queries or max(full.queries) > MOST_QUERIES:
        misses.append(f"{sorted(full.queries)} queries, {sorted(tenth.queries)} at a tenth")
    figures = {
        "ratio": ratio,
        "full": {"median_ms": full.median, "p95_ms": full.p95},
        "tenth": {"median_ms": tenth.median, "p95_ms": tenth.p95},
        "queries": max(full.queries),
        "load": busy,
    }
    return conclude("feed", figures, BAR, misses)


class Library:
    """A company of `people` with `items` published, in a database of that name."""

    def __init__(self, name, items, people):
        self.name, self.items, self.people = name, items, people
        self.times, self.queries, self.connection = [], set(), None
        self.random = random.Random(f"{items}")  # noqa: S311

    @property
    def median(self):
        return round(median(self.times) * 1000, 1)

    @property
    def p95(self):
        return round(quantiles(self.times, n=20)[-1] * 1000, 1)

    def row(self):
        return ["", self.items, self.people, self.median, self.p95, max(self.queries)]

    def enter(self):
        """From here on, Django's own connection is to this database."""
        from django.db import connections

        if not self.connection:
            self.connection = connections.create_connection("default")
            self.connection.settings_dict = self.connection.settings_dict | {"NAME": self.name}
        connections["default"] = self.connection

    # --- Measuring ---------------------------------------------------------------------------
    def measure(self, *, warm=False):
        """One reader's page, one of them all by chance."""
        self.enter()
        spent = self.read(self.random.randint(1, self.people))
        if not warm:
            self.times.append(spent)

    def read(self, pk):
        client = self.client(pk)
        gc.collect()
        began = time.perf_counter()
        answer = client.get("/feed/")
        spent = time.perf_counter() - began
        if answer.content.count(b'class="card"') < CARDS:
            sys.exit(f"{self.name}: person {pk} is not shown a feed, but {answer}")
        return spent

    def count_queries(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.enter()
        for _ in range(WARM):
            client = self.client(self.random.randint(1, self.people))
            with CaptureQueriesContext(connection) as queries:
                client.get("/feed/")
            self.queries.add(len(queries))

    def client(self, pk):
        from django.test import Client

        from ambassadors.models import User

        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(User.objects.get(pk=pk), backend=BACKEND)
        return client

    # --- Making ------------------------------------------------------------------------------
    def make(self):
        from django.core.management import call_command
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}"')
        self.enter()
        call_command("migrate", verbosity=0)
        self.fill()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def fill(self):
        for rows in (
            self.directory(),
            self.programme(),
            self.contents(),
            self.shares(),
            self.bell(),
        ):
            for model, many in rows:
                copy(model, many)

    def directory(self):
        from ambassadors.models import Ambassador, Charter, Consent, Department, Person, Topic, User

        now, charter = moment(), Charter.objects.current()
        departments = max(4, self.people // PER_DEPARTMENT)
        everybody = range(1, self.people + 1)
        self.topics = list(Topic.objects.values_list("pk", flat=True))
        yield (
            Department,
            (
                Department(pk=n, name=f"Service {n}", parent_id=n // 8 or None)
                for n in range(1, departments + 1)
            ),
        )
        yield User, (
            User(
                pk=n, email=f"p{n}@orvaly.example", first_name=f"P{n}", last_name="Roy",
                language=("fr", "en")[n % 4 == 0],
            )
            for n in everybody
        )  # fmt: skip
        yield Person, (Person(user_id=n, department_id=n % departments + 1) for n in everybody)
        yield Ambassador, (
            Ambassador(
                user_id=n, state="active", next_step="", networks=["linkedin"],
                joined_at=now - timedelta(days=400),
            )
            for n in everybody
        )  # fmt: skip
        yield Consent, (
            Consent(
                pk=n, user_id=n, purpose="participation", charter=charter, given=True,
                fingerprint=charter.fingerprint, language="fr",
            )
            for n in everybody
        )  # fmt: skip
        follows = Ambassador.topics.through
        yield (
            follows,
            numbered(
                follows(ambassador_id=n, topic_id=topic)
                for n in everybody
                for topic in self.random.sample(self.topics, 3)
            ),
        )

    def programme(self):
        from ambassadors.models import Department
        from campaigns.models import Audience, Campaign

        now, named = moment(), range(1, CAMPAIGNS + 1)
        yield Campaign, (
            Campaign(
                pk=n, kind="marketing", name_fr=f"Campagne {n}", slug=f"campagne-{n}",
                objective_fr="Faire connaître.", indicator="visits", target=100, owner_id=1,
                starts_at=now - timedelta(days=300), ends_at=now + timedelta(days=60),
                state="running", launched_at=now - timedelta(days=300),
            )
            for n in named
        )  # fmt: skip
        yield (
            Audience,
            (Audience(pk=n, campaign_id=n, languages=["fr"] if n % 8 == 0 else []) for n in named),
        )
        places = Audience.departments.through
        half = list(Department.objects.filter(parent=None).values_list("pk", flat=True))[:4]
        yield (
            places,
            numbered(
                places(audience_id=n, department_id=pk) for n in named if n % 4 == 0 for pk in half
            ),
        )

    def contents(self):
        from campaigns.models import Content, Network

        now, networks = moment(), list(Network.objects.values_list("pk", flat=True))
        items = range(1, self.items + 1)
        published = {
            n: now - timedelta(minutes=self.random.randrange(360 * 24 * 60)) for n in items
        }
        yield Content, (
            Content(
                pk=n, campaign_id=n % CAMPAIGNS + 1, title=f"Ce que nous avons appris {n}",
                url=f"https://orvaly.example/actualites/{n}", why="Des chiffres vérifiés.",
                language=("fr", "en")[n % 3 == 0], status="published", author_id=1,
                changed_by_id=1, publish_at=published[n], published_at=published[n],
                expires_at=None if n % 2 else now + timedelta(days=30),
                featured_until=now + timedelta(days=5) if n % (self.items // 20) == 0 else None,
            )
            for n in items
        )  # fmt: skip
        about = Content.topics.through
        yield (
            about,
            numbered(
                about(content_id=n, topic_id=topic)
                for n in items
                for topic in self.random.sample(self.topics, 2)
            ),
        )
        allowed = Content.networks.through
        yield (
            allowed,
            numbered(
                allowed(content_id=n, network_id=pk)
                for n in items
                if n % 5 == 0
                for pk in networks[:4]
            ),
        )

    def shares(self):
        from campaigns.models import Decline, Link, Share, Tally

        now = moment()
        posts = [
            (person, content, now - timedelta(days=self.random.randrange(1, 300)))
            for person in range(1, self.people + 1)
            for content in self.random.sample(range(1, self.items + 1), SHARES_EACH)
        ]
        yield (
            Link,
            (
                Link(pk=n, code=f"{n:08d}", content_id=content, ambassador_id=person, network_id=1)
                for n, (person, content, _at) in enumerate(posts, 1)
            ),
        )
        yield (
            Share,
            (
                Share(pk=n, link_id=n, opened_at=at, declared_at=at)
                for n, (_person, _content, at) in enumerate(posts, 1)
            ),
        )
        yield Tally, (
            Tally(
                pk=n, link_id=n, ambassador_id=person, content_id=content, network_id=1,
                campaign_id=content % CAMPAIGNS + 1, kind="human", clicks=3, uniques=2,
                day=(now - timedelta(days=n % 14 + 1)).date(),
            )
            for n, (person, content, _at) in enumerate(posts, 1)
        )  # fmt: skip
        yield (
            Decline,
            numbered(
                Decline(ambassador_id=n, content_id=n % self.items + 1, reason="promotional")
                for n in range(1, self.people + 1)
            ),
        )

    def bell(self):
        from activity.models import Notification

        now = moment()
        yield Notification, (
            Notification(
                recipient_id=n, kind="campaign.launched", channel="bell", key=f"bench:{n}",
                state="sent", sent_at=now, subject_id="1", data={"name": "Campagne"},
            )
            for n in range(1, self.people + 1)
        )  # fmt: skip


def moment():
    from django.utils import timezone

    return timezone.now()


def numbered(rows):
    for pk, row in enumerate(rows, 1):
        row.pk = pk
        yield row


def copy(model, rows):
    """Model instances into their table, by COPY: a hundred times faster than by INSERT."""
    from django.db import connection

    fields = [field for field in model._meta.concrete_fields if not field.generated]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        with cursor.copy(statement) as into:
            for row in rows:
                into.write_row(
                    [
                        field.get_db_prep_save(getattr(row, field.attname), connection)
                        for field in fields
                    ]
                )


if __name__ == "__main__":
    sys.exit(main())
