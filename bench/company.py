"""A company of 50,000 ambassadors and its clicks of 24 months, made inside PostgreSQL.

Small tables come from Django, the large ones from set-based SQL: shares, then their clicks one by
one, then every total as the product itself works it out from them.
"""

import time
from datetime import date, timedelta
from functools import cached_property

from bench.feed import copy, numbered

PEOPLE, DEPARTMENTS, TEAMS_EACH, LOCATIONS = 50_000, 40, 2, 12
CAMPAIGNS, ITEMS, NETWORKS, DAYS = 60, 3_000, 8, 730
CLICKS_PER_SHARE = 16.7
# Every so-many-th person runs no campaign: a campaign now and then is for some departments only.
NARROWED = 5

# Zipf over people (the cube of a uniform number) and over the items of a day; most shares come in
# the first days of an item, of which there are about four new ones a day.
LINKS = """
CREATE UNLOGGED TABLE drawn AS
SELECT row_number() OVER (ORDER BY at) AS id, person, content, network, at
FROM (
    SELECT DISTINCT ON (person, content, network) person, content, network, at
    FROM (
        SELECT 1 + floor(%(people)s * power(random(), 3))::bigint AS person,
               item.id AS content, item.published_at AS published_at,
               (%(networks)s::bigint[])[1 + floor(%(of)s * power(random(), 2))::int] AS network,
               item.published_at - ln(1 - random()) * interval '6 days' AS at
        FROM (
            SELECT 1 + floor(%(items)s * random())::bigint AS slot, power(random(), 1.6) AS fame
            FROM generate_series(1, %(shares)s)
        ) draw
        JOIN campaigns_content item
          ON item.id = least(%(items)s, 10 * (draw.slot / 10) + 1 + floor(10 * fame)::bigint)
    ) shared
    WHERE at < %(end)s AND at < published_at + interval '60 days'
) once;
INSERT INTO campaigns_link (id, code, kind, content_id, ambassador_id, network_id, created_at)
SELECT id, lpad(id::text, 8, 'A'), 'personal', content, person, network, at - interval '1 minute'
FROM drawn;
"""
# One window in ten is never answered; six of ten posts carry a suggested text word for word.
SHARES = """
INSERT INTO campaigns_share (link_id, caption_id, is_own_words, disclosure, opened_at, declared_at)
SELECT id, CASE WHEN own > 0.2 THEN 3 * content - floor(random() * 3)::bigint END, own < 0.4, '',
       at, CASE WHEN random() > 0.1 THEN at + interval '1 minute' END
FROM (SELECT *, random() AS own FROM drawn) posted
"""
# A few posts bring most of the clicks, and a post brings most of its clicks in its first two days.
WEIGHTS = """
CREATE UNLOGGED TABLE weighed AS
SELECT drawn.*, works.department_id,
       least(power(1 - random(), -0.75), 600) AS weight
FROM drawn JOIN ambassadors_person works ON works.user_id = drawn.person;
"""
CLICKS = """
INSERT INTO campaigns_click (id, at, link_id, department_id, kind, reason, is_first, agent,
                             referrer, purpose, visitor)
SELECT gen_random_uuid(), at, link_id, department_id, kind, '', kind = 'human',
       'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)', '', '',
       uuid_send(gen_random_uuid())
FROM (
    SELECT id AS link_id, department_id, w.at - ln(1 - random()) * interval '36 hours' AS at,
           (ARRAY['human', 'human', 'human', 'human', 'human', 'human', 'human',
                  'repeat', 'bot', 'preview'])[1 + floor(10 * random())::int] AS kind
    FROM weighed w
    CROSS JOIN LATERAL generate_series(1, floor(w.weight * %(each)s + random())::int) AS n
) clicked
WHERE at < %(end)s
ORDER BY at
"""
SEEN = """
UPDATE campaigns_share share SET seen_at = share.opened_at + interval '1 hour'
FROM (SELECT DISTINCT link_id FROM campaigns_tally WHERE kind = 'human') clicked
WHERE clicked.link_id = share.link_id
"""
# Somebody is active on a day when they shared within the 28 (or 7) days up to it: a stretch of
# days begins with a share, and ends so long after it or when the next share takes over.
MOVES = """
WITH days AS (
    SELECT DISTINCT drawn.person, (s.declared_at AT TIME ZONE %(zone)s)::date AS day
    FROM campaigns_share s JOIN drawn ON drawn.id = s.link_id WHERE s.declared_at IS NOT NULL
), stretches AS (
    SELECT works.department_id, works.location_id, member.audience_band AS band, day,
           coalesce(lead(day) OVER (PARTITION BY person ORDER BY day), 'infinity') AS following
    FROM days JOIN ambassadors_person works ON works.user_id = person
    JOIN ambassadors_ambassador member ON member.user_id = person
), steps AS (
    SELECT department_id, location_id, band, day, 1 AS in_7, 1 AS in_28 FROM stretches
    UNION ALL
    SELECT department_id, location_id, band, least(day + 7, following), -1, 0 FROM stretches
    UNION ALL
    SELECT department_id, location_id, band, least(day + 28, following), 0, -1 FROM stretches
), calendar AS (
    SELECT generate_series(%(first)s::date, %(last)s::date, '1 day')::date AS day
)
"""
HEADS = """
, groups AS (
    SELECT department_id, location_id, count(*) AS people FROM ambassadors_person GROUP BY 1, 2
), moves AS (
    SELECT department_id, location_id, day, sum(in_7) AS in_7, sum(in_28) AS in_28
    FROM steps GROUP BY 1, 2, 3
)
INSERT INTO campaigns_headcount (day, department_id, location_id, employed, invited, enrolled,
                                 former, active_7, active_28)
SELECT day, department_id, location_id, people, people, people, 0,
       sum(coalesce(in_7, 0)) OVER so_far, sum(coalesce(in_28, 0)) OVER so_far
FROM groups CROSS JOIN calendar LEFT JOIN moves USING (department_id, location_id, day)
WINDOW so_far AS (PARTITION BY department_id, location_id ORDER BY day)
"""
AUDIENCES = """
, groups AS (
    SELECT DISTINCT audience_band AS band FROM ambassadors_ambassador
), moves AS (
    SELECT band, day, sum(in_7) AS in_7, sum(in_28) AS in_28 FROM steps GROUP BY 1, 2
)
INSERT INTO campaigns_audiencecount (day, band, active_7, active_28)
SELECT day, band, sum(coalesce(in_7, 0)) OVER so_far, sum(coalesce(in_28, 0)) OVER so_far
FROM groups CROSS JOIN calendar LEFT JOIN moves USING (band, day)
WINDOW so_far AS (PARTITION BY band ORDER BY day)
"""


class Company:
    """A company with about `clicks` clicks in `last` and the 729 days before it."""

    def __init__(self, clicks: int, last: date):
        self.clicks, self.last = clicks, last
        self.first = last - timedelta(days=DAYS - 1)

    def make(self):
        """Fills the database Django is connected to, which has been migrated; how long it took."""
        began = time.perf_counter()
        for rows in (self.directory(), self.programme(), self.contents()):
            for model, many in rows:
                copy(model, many)
        self.shares()
        self.click()
        self.count()
        self.run("VACUUM ANALYZE")
        return time.perf_counter() - began

    def run(self, statement, **values):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    @cached_property
    def bounds(self):
        from django.conf import settings

        from campaigns.tracking.ingest import day_bounds

        return {
            "first": self.first,
            "last": self.last,
            "end": day_bounds(self.last)[1],
            "zone": settings.TIME_ZONE,
        }

    # --- People and what they are given, row by row ------------------------------------------
    def directory(self):
        from ambassadors.models import Ambassador, Department, Location, Person, User

        begun = self.bounds["end"] - timedelta(days=DAYS + 60)
        teams = range(DEPARTMENTS + 1, DEPARTMENTS * (1 + TEAMS_EACH) + 1)
        everybody = range(1, PEOPLE + 1)
        bands = ["", "0-200", "200-500", "500-1000", "1000+"]
        yield (
            Department,
            [
                *(Department(pk=n, name=f"Direction {n}") for n in range(1, DEPARTMENTS + 1)),
                *(
                    Department(pk=n, name=f"Service {n}", parent_id=n % DEPARTMENTS + 1)
                    for n in teams
                ),
            ],
        )
        yield Location, (Location(pk=n, name=f"Site {n}") for n in range(1, LOCATIONS + 1))
        yield User, (
            User(
                pk=n, email=f"p{n}@orvaly.example", first_name=f"P{n}", last_name="Roy",
                language=("fr", "en")[n % 4 == 0], role="admin" if n == 1 else "ambassador",
            )
            for n in everybody
        )  # fmt: skip
        yield Person, (Person(user_id=n, **self.place_of(n)) for n in everybody)
        yield Ambassador, (
            Ambassador(
                user_id=n, state="active", next_step="", networks=["linkedin"], joined_at=begun,
                audience_band=bands[n % 7 % 5],
            )
            for n in everybody
        )  # fmt: skip

    def place_of(self, n):
        # Departments differ in size: the first has forty times as many people as the last.
        department = next(d for d in range(1, DEPARTMENTS + 1) if n * 7919 % PEOPLE < self.ends[d])
        team = DEPARTMENTS + department + DEPARTMENTS * (n % TEAMS_EACH)
        return {
            "department_id": department,
            "team_id": team,
            "location_id": (department + n % 3) % LOCATIONS + 1,
        }

    @cached_property
    def ends(self):
        """By department: up to where its people reach, of all."""
        parts = [1 / (n + 3) for n in range(DEPARTMENTS)]
        return {d: round(PEOPLE * sum(parts[:d]) / sum(parts)) for d in range(1, DEPARTMENTS + 1)}

    def programme(self):
        from campaigns.models import Audience, Campaign

        kinds = ["marketing", "recruiting", "change"]
        yield Campaign, (
            Campaign(
                pk=n, kind=kinds[n % 3], name_fr=f"Campagne {n}", slug=f"campagne-{n}",
                objective_fr="Faire connaître.", indicator="visits", target=100, owner_id=1,
                starts_at=self.on(n / CAMPAIGNS), ends_at=self.on(1.2), state="running",
                launched_at=self.on(n / CAMPAIGNS),
            )
            for n in range(1, CAMPAIGNS + 1)
        )  # fmt: skip
        numbers = range(1, CAMPAIGNS + 1)
        yield (
            Audience,
            (
                Audience(pk=n, campaign_id=n, languages=["fr"] if n % 8 == 0 else [])
                for n in numbers
            ),
        )
        named = Audience.departments.through
        yield (
            named,
            numbered(
                named(audience_id=n, department_id=d)
                for n in numbers
                if n % NARROWED == 0
                for d in range(1, 5)
            ),
        )

    def on(self, part):
        """A moment of the 24 months, as a part of them."""
        return self.bounds["end"] - timedelta(days=DAYS) * (1 - part)

    def contents(self):
        from campaigns.models import Caption, Content

        # Asked for here: a COPY leaves no room for a query.
        items, network = range(1, ITEMS + 1), self.networks[0]
        yield Content, (
            Content(
                pk=n, campaign_id=(n * CAMPAIGNS // ITEMS + n % 7 * 3) % CAMPAIGNS + 1,
                title=f"Ce que nous avons appris {n}", url=f"https://orvaly.example/actualites/{n}",
                why="Des chiffres vérifiés.", language=("fr", "en")[n % 3 == 0],
                status="published", author_id=1, changed_by_id=1,
                publish_at=self.on(n / ITEMS), published_at=self.on(n / ITEMS),
                expires_at=self.on(n / ITEMS) + timedelta(days=60),
            )
            for n in items
        )  # fmt: skip
        yield Caption, (
            Caption(
                pk=3 * n - which, content_id=n, network_id=network, language="fr",
                text=f"Une façon de le dire, la {which}e.", approved_text="", status="approved",
                writer_id=1, position=which,
            )
            for n in items
            for which in range(3)
        )  # fmt: skip

    @cached_property
    def networks(self):
        from campaigns.models import Network

        people = Network.objects.of_people().order_by("position")
        return list(people.values_list("pk", flat=True)[:NETWORKS])

    # --- What they did, set by set -----------------------------------------------------------
    def shares(self):
        self.run("SELECT setseed(0.42)")
        self.run(
            LINKS, **self.bounds, people=PEOPLE, items=ITEMS, networks=self.networks, of=NETWORKS,
            shares=round(self.clicks / CLICKS_PER_SHARE * 1.06),
        )  # fmt: skip
        self.run(
            "SELECT setval(pg_get_serial_sequence('campaigns_link', 'id'), max(id)) FROM drawn"
        )
        self.run(SHARES)

    def click(self):
        """A partition a month, as the product has them, and a row for every click."""
        from django.db import connection

        from campaigns.tracking import partitions

        days = (self.first + timedelta(days=n) for n in range(-1, DAYS + 1))
        partitions.ensure({day.replace(day=1) for day in days})
        self.run("SELECT setseed(0.24)")
        self.run(WEIGHTS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(weight) FROM weighed")
            [weight] = cursor.fetchone()
        # A clicks comes after its share, and the last ones of all come after the end.
        self.run(CLICKS, **self.bounds, each=self.clicks / float(weight) * 1.003)

    def count(self):
        """Every total, by the product's own statements where it has them."""
        from campaigns.tracking import rollups

        self.run("ANALYZE")
        for n in range(DAYS):
            rollups.rebuild(self.first + timedelta(days=n))
        self.run(SEEN)
        self.run(MOVES + HEADS, **self.bounds)
        self.run(MOVES + AUDIENCES, **self.bounds)
