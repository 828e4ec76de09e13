"""allauth's English, in our way of writing: a capital for the first word alone."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.utils import translation

from ambassadors.templatetags.wording import sentence
from tests.activity.post_office import deliver_all
from tests.factories import make_user

pytestmark = pytest.mark.django_db
HEADINGS = re.compile(r"<(?:h1|h2|title|label|button)\b[^>]*>(.*?)</", re.DOTALL)
TITLE_CASE = re.compile(r"\w[ -](?!Porte-voix)[A-Z][a-z]")
PATHS = [
    "/accounts/password/reset/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/logout/",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_heading_has_one_capital(as_user, path):
    user = make_user(language="en", password="a-long-password-2026")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    page = as_user(user).get(path, follow=True)
    said = [
        " ".join(re.sub(r"<[^>]+>", "", words).split()) for words in HEADINGS.findall(page.text)
    ]
    assert len(said) > 2
    assert [words for words in said if TITLE_CASE.search(words)] == []


def test_the_form_of_a_stranger_too(client):
    page = client.get("/accounts/login/code/", headers={"accept-language": "en"})
    assert "<h1>Send me a sign-in code</h1>" in re.sub(
        r">\s+|\s+<", lambda m: m[0].strip(), page.text
    )


def test_a_mail_about_an_account_is_ours_and_not_theirs(as_user, mailoutbox):
    user = make_user(language="en", password="a-long-password-2026")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    new = "another-long-one-2026"
    fields = {"oldpassword": "a-long-password-2026", "password1": new, "password2": new}
    as_user(user).post("/accounts/password/change/", fields)
    deliver_all()
    assert [mail.subject for mail in mailoutbox] == ["How you log in has changed"]
    assert "Your password was changed." in mailoutbox[0].body


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Enter Sign-In Code", "Enter sign-in code"),
        ("Two-Factor Authentication", "Two-factor authentication"),
        ("Your TOTP Code", "Your TOTP code"),
        ("Done. Go on", "Done. Go on"),
        ("Sign in to Porte-voix", "Sign in to Porte-voix"),
    ],
)
def test_names_acronyms_and_new_sentences_keep_their_capitals(in_english, theirs, ours):
    assert sentence(theirs) == ours


def test_french_passes_as_it_is():
    with translation.override("fr"):
        assert sentence("Bienvenue à Montréal") == "Bienvenue à Montréal"
