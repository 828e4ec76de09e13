"""Two thousand people, where they work, and who of them said yes."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from ambassadors.models import (
    Ambassador,
    Charter,
    Consent,
    Department,
    Location,
    Person,
    Topic,
    User,
)
from demo import company

KEENEST = 5
# Of 2,000: who has been invited, and what became of it.
OUTCOMES = [
    ("active", 880),
    ("joining", 64),
    ("paused", 22),
    ("declined", 118),
    ("left", 31),
    ("invited", 285),
]


def make_people(dice, now):
    """Departments, places, users, persons and ambassadors. Returns the active ambassadors.

    dice: random.Random, already seeded. now: the moment the demo ends, aware.
    """
    departments, places = _make_departments(), _make_places()
    logins = [_login(*fields) for fields in [*company.LOGINS, company.WRITER]]
    users = logins + [_user(dice, names) for names in _names(dice, company.PEOPLE - len(logins))]
    User.objects.bulk_create(users)
    people = [
        _person(dice, number, user, departments, places, now)
        for number, user in enumerate(users, start=1)
    ]
    Person.objects.bulk_create(people)
    _give_managers(people)
    _verify_addresses(logins)
    return _enrol(dice, people, now)


def _make_departments():
    made = []
    for name, name_en, weight, keen, teams in company.DEPARTMENTS:
        department, _ = Department.objects.get_or_create(name=name, defaults={"name_en": name_en})
        rows = [
            Department.objects.get_or_create(
                name=team, parent=department, defaults={"name_en": team_en}
            )[0]
            for team, team_en in teams
        ]
        made.append((department, weight, keen, rows))
    return made


def _make_places():
    return {
        place.name: Location.objects.get_or_create(
            name=place.name, defaults={"name_en": place.name_en, "time_zone": place.time_zone}
        )[0]
        for place in company.PLACES
    }


def _login(role, email, first, last, language):
    return User(
        email=email,
        first_name=first,
        last_name=last,
        language=language,
        role=role,
        password=make_password(company.PASSWORD),
    )


def _names(dice, wanted):
    """`wanted` pairs of names with addresses that nobody else has."""
    taken, made = {login[1] for login in [*company.LOGINS, company.WRITER]}, []
    places = dice.choices(company.PLACES, [p.weight for p in company.PLACES], k=wanted * 3)
    for place in places:
        english = place.domain == company.QUEBEC and dice.random() < 0.2
        first = dice.choice(company.ENGLISH_FIRST if english else company.FRENCH_FIRST)
        last = dice.choice(company.LAST)
        email = company.mailbox(first, last, place.domain)
        if email not in taken:
            taken.add(email)
            made.append((first, last, email, place, "en" if english else "fr"))
        if len(made) == wanted:
            return made
    raise AssertionError("not enough names for so many people")


def _user(dice, names):
    first, last, email, place, language = names
    user = User(email=email, first_name=first, last_name=last, language=language)
    user.time_zone = place.time_zone
    user.set_unusable_password()
    user.demo_place = place.name
    return user


def _person(dice, number, user, departments, places, now):
    department, _, keen, teams = dice.choices(departments, [d[1] for d in departments])[0]
    person = Person(
        user=user,
        employee_id=f"D{number:05}",
        department=department,
        team=dice.choice(teams),
        location=places[getattr(user, "demo_place", "Montréal")],
        hire_date=(now - timedelta(days=dice.randrange(30, 9000))).date(),
        tags=[
            tag
            for tag, chance in (("mentorat", 0.08), ("bilingue", 0.15))
            if dice.random() < chance
        ],
    )
    person.keen = keen * dice.lognormvariate(0, 0.6)
    if user.email == company.LOGINS[0][1]:
        person.keen = KEENEST  # whoever tries the demo as an ambassador has something to look at
    return person


def _give_managers(people):
    """The first person of each team leads it."""
    leads = {}
    for person in people:
        lead = leads.setdefault(person.team_id, person)
        person.manager = None if lead is person else lead.user
    Person.objects.bulk_update(people, ["manager"], batch_size=500)


def _verify_addresses(users):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.bulk_create(
        (EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users),
        ignore_conflicts=True,
    )


def _enrol(dice, people, now):
    """Who was invited, and what each said. The three logins are active; so are the keenest."""
    logins, others = people[: len(company.LOGINS)], people[len(company.LOGINS) :]
    ranked = sorted(others, key=lambda person: -person.keen * dice.uniform(0.5, 1.5))
    states = [state for state, share in OUTCOMES for _ in range(share)]
    rows = [_ambassador(dice, person, "active", now) for person in logins]
    rows += [
        _ambassador(dice, person, state, now) for person, state in zip(ranked, states, strict=False)
    ]
    Ambassador.objects.bulk_create(rows)
    Follow = Ambassador.topics.through
    Follow.objects.bulk_create(
        Follow(ambassador_id=row.pk, topic=topic)
        for row in rows
        if row.joined_at
        for topic in Topic.objects.all()
    )
    _consent(rows)
    # An invitation that was accepted proves the address.
    _verify_addresses(row.user for row in rows if row.joined_at)
    return [row for row in rows if row.state == Ambassador.State.ACTIVE]


def _ambassador(dice, person, state, now):
    weeks_ago = 28 * dice.random() ** 0.7
    joined = None if state in {"invited", "declined"} else now - timedelta(weeks=weeks_ago)
    row = Ambassador(
        user=person.user,
        state=state,
        joined_at=joined,
        left_at=joined + (now - joined) * 0.7 if state == "left" else None,
        # Who is joining has not agreed to the charter yet; everybody else is past the steps.
        next_step="charter" if state in {"invited", "declined", "joining"} else "",
        networks=_networks(dice) if joined else [],
        audience_band=_band(dice) if joined else "",
    )
    row.keen, row.person = person.keen, person
    return row


def _networks(dice):
    chances = [("linkedin", 0.9), ("facebook", 0.35), ("x", 0.2), ("bluesky", 0.18)]
    return [slug for slug, chance in chances if dice.random() < chance] or ["linkedin"]


def _band(dice):
    """Two in three chose to say."""
    bands = ["", "0-200", "200-500", "500-1000", "1000+"]
    return dice.choices(bands, [34, 22, 26, 12, 6])[0]


def _consent(rows):
    charter = Charter.objects.current()
    Consent.objects.bulk_create(
        Consent(
            user=row.user,
            purpose=Consent.Purpose.PARTICIPATION,
            charter=charter,
            fingerprint=charter.fingerprint,
            language=row.user.language,
            given=True,
            at=row.joined_at,
        )
        for row in rows
        if row.joined_at and row.state != Ambassador.State.JOINING
    )
