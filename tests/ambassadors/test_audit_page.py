"""What happened, by whom, when and from where: for administrators, and no personal choice by name."""

import ast
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from activity import sealing
from activity.log import record
from activity.models import Entry
from ambassadors.audit.tasks import check_trail
from ambassadors.audit.trail import lines
from ambassadors.audit.verbs import PERSONAL, SUBJECTS, VERBS
from launch.state import ROOT
from tests.factories import make_admin, make_ambassador, make_campaign, make_manager, make_user

pytestmark = pytest.mark.django_db
PAGE = "/audit/"
LITERAL = re.compile(r"^[a-z_]+\.[a-z_]+$")


@pytest.fixture
def admin(as_user):
    return as_user(make_admin(language="en", first_name="Ada", last_name="Keys"))


def page(client, **asked):
    return client.get(PAGE, asked).content.decode()


def test_only_administrators_read_it(as_user):
    for user in (make_manager(), make_user()):
        assert as_user(user).get(PAGE).status_code == 403
    assert as_user(make_admin()).get(PAGE).status_code == 200


def test_a_line_says_who_did_what_to_whom_and_from_where(admin):
    actor = make_manager(first_name="Maude", last_name="Lavoie")
    record("campaign.created", subject=make_campaign(name_fr="Portes ouvertes"), actor=actor)
    shown = page(admin)
    assert "Campaign created" in shown
    assert "Maude Lavoie" in shown
    assert "Portes ouvertes" in shown


def test_before_and_after_stand_side_by_side(admin):
    record("user.role_changed", subject=make_user(), actor=None, before="manager", after="admin")
    assert "<del>manager</del> → <ins>admin</ins>" in page(admin)


def test_of_two_states_only_what_differs_is_shown():
    before, after = {"name": "Entra", "issuer": "a"}, {"name": "Entra", "issuer": "b"}
    entry = record("sign_on.changed", subject=make_user(), before=before, after=after)
    assert lines([entry])[0].changes == [("issuer", "a", "b")]


@pytest.mark.parametrize("verb", PERSONAL)
def test_a_personal_choice_is_told_without_a_name(admin, verb):
    person = make_ambassador(user=make_user(last_name="Unique"))
    record(verb, subject=person, actor=person.user, kind="digest")
    shown = page(admin)
    assert "Somebody (a personal choice)" in shown
    assert "Unique" not in shown
    assert f"entry-{Entry.objects.get(verb=verb).pk}" not in page(admin, who="Unique")
    about = f"ambassadors.ambassador:{person.pk}"
    assert f"entry-{Entry.objects.get(verb=verb).pk}" not in page(admin, subject=about)


def test_an_erased_person_stays_as_a_number(admin):
    actor = make_manager(first_name="Gone")
    entry = record("campaign.created", subject=make_campaign(), actor=actor)
    pk = actor.pk
    actor.delete()
    assert f"Erased person no. {pk}" in page(admin)
    assert lines([Entry.objects.get(pk=entry.pk)])[0].who.endswith(str(pk))


def test_what_no_longer_exists_is_named_by_its_number(admin):
    Entry.objects.create(verb="content.created", subject_type="campaigns.content", subject_id="99")
    Entry.objects.create(verb="odd.thing", subject_type="no.such", subject_id="x'; --")
    shown = page(admin)
    assert "99" in shown
    assert "odd.thing" in shown


def test_it_is_asked_by_person_subject_and_day(admin):
    ours, others = make_manager(first_name="Ours"), make_manager(first_name="Others")
    campaign = make_campaign()
    first = record("campaign.created", subject=campaign, actor=ours)
    second = record("user.role_changed", subject=make_user(), actor=others)

    def found(**asked):
        return {
            entry.pk for entry in (first, second) if f"entry-{entry.pk}" in page(admin, **asked)
        }

    assert found(who="ours") == {first.pk}
    assert found(what="campaign") == {first.pk}
    assert found(subject=f"campaigns.campaign:{campaign.pk}") == {first.pk}
    assert found(first=str(timezone.localdate())) == {first.pk, second.pk}
    assert found(last="2020-01-01") == set()


def test_a_question_that_makes_no_sense_says_so(admin):
    answer = admin.get(PAGE, {"first": "2026-02-02", "last": "2026-02-01"})
    assert answer.status_code == 422
    assert "before the first" in answer.content.decode()
    assert admin.get(PAGE, {"subject": "'; drop"}).status_code == 422
    assert admin.get(PAGE, {"before": "9" * 40}).status_code == 200


def test_older_lines_are_one_step_away(admin, monkeypatch):
    monkeypatch.setattr("ambassadors.audit.views.PAGE", 2)
    entries = [record("user.arrived", subject=make_user()) for _ in range(3)]
    shown = page(admin)
    assert f"entry-{entries[0].pk}" not in shown
    assert f"before={entries[1].pk}" in shown
    assert f"entry-{entries[0].pk}" in page(admin, before=entries[1].pk)


def test_a_page_costs_as_many_queries_however_long_the_trail_is(admin, queries_of):
    def many(n):
        for _ in range(n):
            record("campaign.created", subject=make_campaign(), actor=make_manager())

    many(5)
    few = queries_of(lambda: page(admin))
    many(40)
    assert queries_of(lambda: page(admin)) == few


def test_an_export_is_what_the_page_shows_and_is_itself_written_down(admin):
    record("campaign.created", subject=make_campaign(name_fr="=cmd()"), actor=make_manager())
    answer = admin.get(reverse("ambassadors:entry-export", args=["csv"]), {"what": "campaign"})
    text = answer.content.decode("utf-8-sig")
    assert "Campaign created" in text
    assert "'=cmd()" in text
    entry = Entry.objects.get(verb="trail.exported")
    assert entry.data == {"format": "csv", "what": "campaign"}
    assert admin.get("/audit/export.pdf").status_code == 404


def test_an_export_names_nobody_for_a_personal_choice(admin):
    person = make_ambassador(user=make_user(last_name="Unique"))
    record("ambassador.left", subject=person, actor=person.user)
    text = admin.get(reverse("ambassadors:entry-export", args=["csv"])).content.decode()
    assert "Left the programme" in text
    assert "Unique" not in text


def test_the_page_says_whether_the_trail_holds(admin, monkeypatch):
    record("user.arrived", subject=make_user())
    check_trail()
    assert "All of it is as it was written" in page(admin)
    monkeypatch.setattr(sealing, "breaches", lambda: ["audit trail: entry 3 was altered"])
    check_trail()
    assert "entry 3 was altered" in page(admin)


def test_every_verb_that_is_written_has_words():
    missing = sorted(verb for verb in set(written()) if verb not in VERBS)
    assert missing == []
    assert {verb.partition(".")[0] for verb in VERBS} <= set(SUBJECTS)


def written():
    """Verbs that stand in the code beside record(), or in a verb that moves something."""
    for app in ("activity", "ambassadors", "campaigns"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
                    yield from (
                        arg.value
                        for arg in node.args[:1]
                        if isinstance(arg, ast.Constant) and LITERAL.match(arg.value)
                    )


def test_every_verb_of_the_demo_has_words():
    """Also those put together from a state; the demo company goes through all of them."""
    from ambassadors.models import Ambassador
    from campaigns.models import Campaign, Caption, Content

    states = {
        "ambassador": set(Ambassador.State.values) - {"invited"},
        "campaign": set(Campaign.State.values) - {"draft"},
        "caption": set(Caption.Status.values),
        "content": set(Content.Status.values) - {"draft"},
    }
    verbs = {f"{name}.{state}" for name, values in states.items() for state in values}
    assert sorted(verbs - set(VERBS)) == []
