"""The frame around every page: where one may go, in which language and theme, and what goes wrong."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from activity.models import Notification
from config import context, views
from config.context import Place, Shell, Space
from tests.factories import make_admin, make_manager, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def spaces(monkeypatch):
    """Two spaces over pages that exist, and one page that does not."""
    mine = Place("home", "Feed", "home"), Place("no-such-page", "Later", "clock")
    hr = (Place("styleguide", "Guide", "image", "ambassadors.see_styleguide"),)
    monkeypatch.setattr(
        context,
        "SPACES",
        (Space("mine", "My space", "person", mine), Space("hr", "HR", "people", hr)),
    )


def shell_for(rf, user, path="/"):
    request = rf.get(path)
    request.user, request.resolver_match = user, None
    return Shell(request)


def test_the_rail_leaves_out_pages_that_do_not_exist(rf, spaces):
    shell = shell_for(rf, make_user())
    assert [place["label"] for place in shell.space["places"]] == ["Feed"]


def test_a_space_one_may_not_enter_is_not_offered(rf, spaces):
    assert [space["key"] for space in shell_for(rf, make_user()).spaces] == ["mine"]
    assert [space["key"] for space in shell_for(rf, make_manager()).spaces] == ["mine", "hr"]


def test_on_a_page_of_no_space_a_manager_keeps_the_working_rail(rf, spaces):
    assert shell_for(rf, make_manager()).space["key"] == "hr"


def test_the_page_one_is_on_is_marked(as_user, spaces):
    html = as_user(make_manager()).get("/styleguide/").content.decode()
    assert re.search(r'href="/styleguide/" aria-current="page"', html)


@pytest.mark.parametrize("space", context.SPACES, ids=lambda space: space.key)
def test_a_rail_holds_seven_places_at_most(space):
    assert len(space.places) <= 7


def test_the_bell_counts_what_was_not_read(rf):
    user = make_user()
    for key, channel, read_at in [("a", "bell", None), ("b", "bell", None), ("c", "email", None)]:
        Notification.objects.create(
            kind="k", recipient=user, channel=channel, key=key, read_at=read_at
        )
    assert shell_for(rf, user).unread == 2


def test_the_language_switch_comes_back_to_the_same_page(as_user):
    client = as_user(make_manager(language="fr"))
    html = client.get("/styleguide/?swap=1").content.decode()
    assert '<html lang="fr-CA"' in html
    assert 'name="next" value="/styleguide/?swap=1"' in html
    answer = client.post(
        reverse("language-set"), {"language": "en", "next": "/styleguide/?swap=1"}, follow=True
    )
    assert answer.redirect_chain == [("/styleguide/?swap=1", 302)]
    assert '<html lang="en-CA"' in answer.content.decode()


@pytest.mark.parametrize(("theme", "said"), [("dark", ' data-theme="dark"'), ("system", "")])
def test_the_theme_is_in_the_first_byte_of_the_page(client, theme, said):
    answer = client.post(
        reverse("appearance-set"), {"theme": theme, "next": "/accounts/login/"}, follow=True
    )
    assert re.search(r"<html lang=\"[a-zA-Z-]+\"([^>]*)>", answer.content.decode())[1] == said


def test_a_theme_nobody_offers_is_not_remembered(client):
    client.post(reverse("appearance-set"), {"theme": '"><script>'})
    assert context.THEME_COOKIE not in client.cookies


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_theme_form_leads_nowhere_else(client, path):
    answer = client.post(reverse("appearance-set"), {"theme": "dark", "next": path})
    assert answer.url == "/"


def test_a_cookie_with_an_unknown_theme_is_ignored(client):
    client.cookies[context.THEME_COOKIE] = 'x" onload="1'
    assert "data-theme" not in client.get("/accounts/login/").content.decode()


def test_a_phone_finds_the_icons_it_needs_to_install(client):
    about = client.get("/manifest.webmanifest").json()
    assert about["lang"] in settings.HTML_LANG.values()
    assert {icon["purpose"] for icon in about["icons"]} == {"any", "maskable"}
    for icon in about["icons"]:
        name = icon["src"].removeprefix(settings.STATIC_URL)
        assert (settings.BASE_DIR / "static" / name).is_file()


def test_an_ambassador_does_not_see_the_style_guide(as_user):
    assert as_user(make_user()).get("/styleguide/").status_code == 403
    assert as_user(make_admin()).get("/styleguide/").status_code == 200


def test_the_style_guide_shows_every_component(as_user):
    page = (settings.BASE_DIR / "templates/styleguide.html").read_text()
    page += (settings.BASE_DIR / "templates/styleguide/_column.html").read_text()
    home = settings.BASE_DIR / "templates/cotton"
    names = {
        ".".join(file.relative_to(home).with_suffix("").parts) for file in home.rglob("*.html")
    }
    assert names - set(re.findall(r"<c-([a-z.-]+)", page)) == set()


def test_there_are_at_most_a_dozen_components_beside_the_icon():
    files = (settings.BASE_DIR / "templates/cotton").glob("*.html")
    assert len({file.stem for file in files} - {"icon"}) <= 12


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_that_is_not_there_says_so_in_each_language(client, language):
    answer = client.get("/nothing/here/", headers={"accept-language": language})
    assert answer.status_code == 404
    html = answer.content.decode()
    assert f'<html lang="{settings.HTML_LANG[language]}"' in html
    assert html.count("<h1>") == 1


def test_a_form_that_was_open_for_too_long_says_that_nothing_is_lost():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("appearance-set"), {"theme": "dark"})
    assert answer.status_code == 403
    assert reverse("account_login") in answer.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "500"])
def test_an_error_page_needs_no_query(rf, django_assert_num_queries, name):
    from django.shortcuts import render

    request = rf.get("/")
    with django_assert_num_queries(0):
        html = render(request, f"errors/{name}.html").content.decode()
    assert "<h1>" in html


def test_the_page_for_our_own_mistakes_needs_neither_session_nor_person(rf):
    answer = views.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert b"<h1>" in answer.content


def test_a_wrong_password_is_said_at_the_top_and_its_form_stays_open(client):
    answer = client.post("/accounts/login/", {"login": "a@orvaly.example", "password": "wrong"})
    html = answer.content.decode()
    assert re.search(r'<details class="other" open>', html)
    assert 'role="alert"' in html
    assert 'value="a@orvaly.example"' in html


def test_messages_are_banners_that_stay(rf):
    from django.contrib.messages.storage.base import Message
    from django.template.loader import render_to_string

    html = render_to_string("shell/_messages.html", {"messages": [Message(25, "Saved <b>")]})
    assert 'class="note success"' in html
    assert "Saved &lt;b&gt;" in html
    # Read out by app.js: a region that is filled when the page arrives is passed over.
    assert 'role="status"' not in html
