"""What was typed before a session ended is found again after the login; by its writer alone."""

import re
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from campaigns.models import Campaign
from config import kept
from tests.factories import make_manager

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-password-2026"
BACKEND = settings.AUTHENTICATION_BACKENDS[0]
WORDS = "Faire connaître\ndouze <b>postes</b>."
CAMPAIGN = {"kind": "recruiting", "name_fr": "Rimouski embauche", "objective_fr": WORDS}
NEW = "/campaigns/new/?kind=recruiting"
ORIGIN = {"origin": "http://testserver"}


def log_in(client, user):
    client.force_login(user, backend=BACKEND)
    client.get("/campaigns/")


@pytest.fixture
def manager():
    user = make_manager(password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def strict():
    """A browser whose posts need a token."""
    return Client(enforce_csrf_checks=True)


def end_session(client):
    """As when two weeks have passed: the cookie is there, its session is not."""
    client.session.flush()


def post_late(client, user, fields=CAMPAIGN, **more):
    """What somebody posts after their session ended; returns where they are sent after the login."""
    log_in(client, user)
    end_session(client)
    answer = client.post(NEW, fields, **more)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    return re.search(r"next=([^&]+)", answer.url)[1]


def test_the_text_is_found_after_the_login(client, manager):
    path = post_late(client, manager)
    login = {"login": manager.email, "password": PASSWORD, "next": path}
    page = client.post(reverse("account_login"), login, follow=True)
    assert page.redirect_chain[-1][0] == path
    assert f'rows="2" readonly>\n{escape(WORDS)}</textarea>' in page.text
    assert f'action="{NEW}"' in page.text
    assert Campaign.objects.count() == 0


def test_logging_in_with_a_code_leads_to_the_text_too(client, manager, mailoutbox):
    path = post_late(client, manager)
    asked = {"email": manager.email, "next": path}
    confirm = client.post(reverse("account_request_login_code"), asked).url
    assert f'name="next" value="{path}"' in client.get(confirm).text
    code = re.search(r"^([A-Z0-9-]{6,})$", mailoutbox[-1].body, re.MULTILINE)[1]
    assert client.post(confirm, {"code": code, "next": path}).url == path


def test_what_is_sent_again_is_what_was_typed(client, manager):
    page = client.get(post_late_and_back(client, manager))
    assert dict(page.context["fields"]) == CAMPAIGN


def post_late_and_back(client, user):
    path = post_late(client, user)
    log_in(client, user)
    return path


def test_another_person_does_not_see_the_text(client, manager):
    path = post_late(client, manager)
    log_in(client, make_manager())
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    log_in(client, manager)
    assert WORDS.splitlines()[0] in client.get(path).text


def test_a_browser_nobody_logged_in_with_stores_nothing(client):
    answer = client.post(NEW, CAMPAIGN)
    assert answer.url == f"{reverse('account_login')}?next=/"


def test_a_made_up_cookie_stores_nothing(client, manager):
    client.cookies[kept.COOKIE] = f"{kept.mark_of(manager)}:forged"
    assert "next=/kept" not in client.post(NEW, CAMPAIGN).url


def test_passwords_tokens_and_files_are_not_kept(client, manager):
    secret = {"password1": "my-own-secret-2026", "csrfmiddlewaretoken": "t", "code": "123456"}
    path = post_late(client, manager, CAMPAIGN | secret | {"image": BytesIO(b"a picture")})
    log_in(client, manager)
    page = client.get(path)
    assert {name for name, _ in page.context["fields"]} == set(CAMPAIGN)
    assert page.context["had_files"]


@pytest.mark.parametrize("fields", [{}, {"name_fr": "x" * (kept.MOST_BYTES + 1)}])
def test_without_text_or_with_far_too_much_one_comes_back_to_the_page(client, manager, fields):
    back = "http://testserver/campaigns/?state=running"
    assert (
        post_late(client, manager, fields, headers={"referer": back})
        == "/campaigns/%3Fstate%3Drunning"
    )


def test_a_page_elsewhere_is_not_where_one_comes_back_to(client, manager):
    assert post_late(client, manager, {}, headers={"referer": "https://evil.example/x"}) == "/"


def test_a_path_that_names_another_site_leads_nowhere_else(client, manager):
    path = post_late(client, manager, HTTP_REFERER="http://testserver//evil.example/")
    log_in(client, manager)
    assert client.post(path).url == "/%2Fevil.example/"


def test_the_text_is_gone_after_an_hour(client, manager):
    path = post_late(client, manager)
    key = kept._key(path.split("/")[2])
    left = cache._cache.get_client(key).ttl(cache.make_key(key))
    assert 3500 < left <= 3600


def test_one_person_cannot_fill_the_memory(client, manager, monkeypatch):
    monkeypatch.setattr(kept, "MOST_TEXTS", 2)
    paths = [post_late(client, manager) for _ in range(3)]
    assert [path.startswith("/kept/") for path in paths] == [True, True, False]


def test_what_is_thrown_away_is_gone(client, manager):
    path = post_late(client, manager, headers={"referer": "http://testserver/campaigns/"})
    log_in(client, manager)
    assert client.post(path).url == "/campaigns/"
    assert client.get(path).status_code == 404


def test_htmx_is_told_and_nothing_is_stored(client, manager):
    assert post_late(client, manager, headers={"hx-request": "true"}) == NEW.replace(
        "?", "%3F"
    ).replace("=", "%3D")


def test_the_cookie_says_nothing_of_the_person(client, manager):
    log_in(client, manager)
    cookie = client.cookies[kept.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert str(manager.pk) != cookie.value.split(":")[0]
    assert manager.email not in cookie.value


# --- A token that is no longer good ------------------------------------------------------------


def test_a_stale_form_of_ones_own_shows_its_text_and_a_new_token(strict, manager):
    log_in(strict, manager)
    purpose = CAMPAIGN | {"indicator": "visits", "target": "500", "owner": manager.pk}
    page = strict.post(NEW, purpose | {"csrfmiddlewaretoken": "a" * 64}, headers=ORIGIN)
    assert page.status_code == 403
    fields = dict(page.context["fields"])
    token = re.search(
        r'id="kept-again"><input type="hidden" name="csrfmiddlewaretoken" value="(\w+)"', page.text
    )[1]
    again = strict.post(NEW, fields | {"csrfmiddlewaretoken": token}, headers=ORIGIN)
    assert again.status_code == 302
    assert Campaign.objects.get().objective_fr.split() == WORDS.split()


@pytest.mark.parametrize("origin", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_a_form_from_elsewhere_gets_no_button_that_sends_it(strict, manager, origin):
    log_in(strict, manager)
    page = strict.post(NEW, CAMPAIGN, headers=origin)
    assert page.status_code == 403
    assert "Rimouski" not in page.text


def test_a_stale_form_of_the_person_before_is_not_shown(strict, manager):
    log_in(strict, make_manager())
    end_session(strict)
    log_in(strict, manager)
    page = strict.post(NEW, CAMPAIGN, headers=ORIGIN)
    assert page.status_code == 403
    assert "Rimouski" not in page.text


def test_a_lost_session_with_a_lost_token_keeps_the_text_too(strict, manager):
    log_in(strict, manager)
    end_session(strict)
    assert "next=/kept/" in strict.post(NEW, CAMPAIGN, headers=ORIGIN).url


def test_htmx_with_a_stale_token_may_try_again(strict, manager):
    log_in(strict, manager)
    answer = strict.post(NEW, CAMPAIGN, headers=ORIGIN | {"hx-request": "true"})
    assert answer.status_code == 401


# --- In a browser, without JavaScript ----------------------------------------------------------


@pytest.fixture
def page(browser, live_server):
    window = browser.new_context(
        base_url=live_server.url, locale="fr-CA", java_script_enabled=False
    )
    page = window.new_page()
    yield page
    window.close()


def log_in_on(page, user):
    page.locator("details.other summary").click()
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("details[open] button").click()


def type_campaign(page):
    page.locator("[name=name_fr]").fill(CAMPAIGN["name_fr"])
    page.locator("[name=objective_fr]").fill(WORDS)


def send(page):
    page.locator("main form:has([name=objective_fr]) .btn--primary").click()


def test_without_javascript_the_text_is_typed_once(page, manager):
    page.goto(NEW)
    log_in_on(page, manager)
    type_campaign(page)
    Session.objects.all().delete()
    send(page)
    log_in_on(page, manager)
    assert page.url.split("/")[3] == "kept"
    assert WORDS in [text.input_value() for text in page.locator("textarea").all()]
    assert not Campaign.objects.exists()
    page.locator("button[form=kept-again]").click()
    assert page.url.endswith("/audience/")
    assert Campaign.objects.get().objective_fr.replace("\r", "") == WORDS


def test_without_javascript_a_second_login_costs_one_press_more(page, manager):
    page.goto(NEW)
    log_in_on(page, manager)
    type_campaign(page)
    other_tab = page.context.new_page()
    Session.objects.all().delete()
    other_tab.goto("/campaigns/")
    log_in_on(other_tab, manager)
    send(page)
    assert page.locator(".kind").inner_text() == "403"
    page.locator("button[form=kept-again]").click()
    assert page.url.endswith("/audience/")
    assert Campaign.objects.get().name_fr == CAMPAIGN["name_fr"]
