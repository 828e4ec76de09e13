"""The queue, the head count and the preview, as hands and eyes meet them in a real browser."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Content
from tests.config.test_design_browser import open_page  # noqa: F401
from tests.factories import (
    make_ambassador,
    make_campaign,
    make_content,
    make_department,
    make_manager,
    make_network,
    make_person,
)

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/approvals/"


def make_waiting(*titles):
    now = timezone.now()
    return [
        make_content(
            title=title,
            status="in_review",
            submitted_at=now - timedelta(hours=9 - n),
            published_at=None,
        )
        for n, title in enumerate(titles)
    ]


def statuses():
    return dict(Content.objects.values_list("title", "status"))


def test_the_queue_is_worked_through_with_four_keys(open_page):  # noqa: F811
    make_waiting("Un", "Deux", "Trois")
    page = open_page(QUEUE, make_manager(language="en"))
    page.focus("#queue tbody a >> nth=0")
    page.keyboard.press("j")
    page.wait_for_selector("#decide-title:text-is('Deux')")
    assert page.evaluate("document.activeElement.textContent") == "Deux"
    page.keyboard.press("a")
    page.wait_for_selector("#messages")
    assert statuses() == {"Un": "in_review", "Deux": "published", "Trois": "in_review"}
    # The list has the focus again, so that the next key counts.
    page.keyboard.press("j")
    page.wait_for_selector("#decide-title:text-is('Trois')")
    page.keyboard.press("k")
    page.wait_for_selector("#decide-title:text-is('Un')")
    page.keyboard.press("r")
    page.keyboard.type("Dites le salaire, jamais « a ».")
    page.click("button:has-text('Ask for changes')")
    page.wait_for_selector("h1:has-text('1 decision to make')")
    assert statuses()["Un"] == "changes_requested"
    assert page.complaints == []


def test_a_letter_typed_elsewhere_approves_nothing(open_page):  # noqa: F811
    make_waiting("Un")
    page = open_page(QUEUE, make_manager(language="en"))
    page.keyboard.press("a")
    page.focus("textarea")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert page.input_value("textarea") == "a"
    assert statuses() == {"Un": "in_review"}


def test_the_queue_works_without_a_script(open_page):  # noqa: F811
    make_waiting("Un", "Deux")
    page = open_page(QUEUE, make_manager(language="en"), java_script_enabled=False)
    page.click("text=Deux")
    page.click("main >> button:has-text('Approve')")
    assert statuses() == {"Un": "in_review", "Deux": "published"}


def test_boxes_are_counted_as_they_are_ticked_and_searched_without_their_accents(open_page):  # noqa: F811
    departments = [make_department(name=f"Service {n}") for n in range(9)]
    chosen = make_department(name="Ingénierie")
    make_ambassador(make_person(department=chosen).user)
    make_ambassador(make_person(department=departments[0]).user)
    campaign = make_campaign(state="draft")
    path = reverse("campaigns:campaign-step", args=[campaign.slug, "audience"])
    page = open_page(path, make_manager(language="en"))
    assert page.inner_text("#headcount .big") == "2"
    page.fill("[data-narrows=id_departments]", "ingenierie")
    assert page.locator("#id_departments .check:visible").count() == 1
    page.check("text=Ingénierie")
    page.wait_for_selector("#headcount .big:text-is('1')")
    page.fill("[data-narrows=id_departments]", "service 3")
    # What is ticked stays in sight.
    assert page.locator("#id_departments .check:visible").count() == 2
    assert page.complaints == []


def test_the_preview_follows_what_is_typed(open_page):  # noqa: F811
    make_campaign()
    page = open_page(reverse("campaigns:content-new"), make_manager(language="en"))
    page.fill("#id_title", "Un hiver de mesures")
    page.wait_for_selector("#preview h3:text-is('Un hiver de mesures')")
    page.select_option("#id_new-network", str(make_network("bluesky").pk))
    page.click("text=Add a text")
    assert page.input_value("#id_title") == "Un hiver de mesures"
    page.fill("#id_captions-2-text", "a" * 320)
    page.wait_for_selector("#id_captions-2-text_count:has-text('over the limit of Bluesky, 300.')")
    assert page.locator("#preview mark").count() == 1
    assert "over the limit" in page.inner_text("#caption-warnings")
    assert page.complaints == []
