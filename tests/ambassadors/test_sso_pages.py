"""The administrator's pages for who logs in where, and what their test button says."""

from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.urls import reverse

from activity.models import Entry
from ambassadors.accounts.sso.models import Provider
from tests.ambassadors.identity import SECRET, openid_provider, saml_provider
from tests.factories import confirm, make_admin, make_manager, make_provider, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def idp(tmp_path_factory):
    callback = "http://127.0.0.1:8000/sso/company/callback/"
    with openid_provider(tmp_path_factory.mktemp("openid"), callback) as running:
        yield running


@pytest.fixture(scope="module")
def metadata(tmp_path_factory):
    with saml_provider(tmp_path_factory.mktemp("saml")) as running:
        return running.metadata


@pytest.fixture
def admin(as_user):
    return as_user(make_admin(language="en"))


def form(**fields):
    return {
        "name": "Orvaly ID",
        "domains": "@Orvaly.example",
        "admits": "known",
        "issuer": "https://login.orvaly.example",
        "client_id": "porte-voix",
        "secret": SECRET,
        "is_on": "on",
    } | fields


def add(client, kind="openid", **fields):
    return client.post(reverse("ambassadors:sign-on-new", args=[kind]), form(**fields))


def test_only_an_administrator_sets_up_who_logs_in_where(as_user):
    for client in (as_user(make_user()), as_user(make_manager())):
        assert client.get(reverse("ambassadors:sign-on-list")).status_code == 403
        assert add(client).status_code == 403
    assert not Provider.objects.exists()


def test_a_secret_goes_in_and_never_comes_out(admin):
    page = add(admin)["Location"]
    assert Provider.objects.get().secret == SECRET
    shown = [admin.get(page), admin.get(reverse("ambassadors:sign-on-list")), add(admin, issuer="")]
    assert all(SECRET not in answer.content.decode() for answer in shown)
    assert not [entry for entry in Entry.objects.all() if SECRET in str(entry.data)]
    with connection.cursor() as cursor:
        cursor.execute("select provider::text from ambassadors_provider provider")
        assert SECRET not in cursor.fetchone()[0]


def test_our_addresses_are_known_before_anything_is_saved(admin):
    shown = admin.get(reverse("ambassadors:sign-on-new", args=["openid"]))
    add(admin, issuer="")
    add(admin)
    provider = Provider.objects.get()
    assert provider.address_of("callback") in shown.content.decode()
    add(admin, domains="orvaly-france.example")
    assert Provider.objects.values("slug").distinct().count() == 2


def test_an_empty_secret_keeps_the_one_there_is(admin):
    page = add(admin)["Location"]
    admin.post(page, form(secret="", name="New name"))
    provider = Provider.objects.get()
    assert (provider.name, provider.secret) == ("New name", SECRET)


def test_a_change_is_in_the_trail_with_before_and_after(admin):
    page = add(admin)["Location"]
    admin.post(page, form(admits="anybody", secret="another"))
    data = Entry.objects.get(verb="sign_on.changed").data
    assert (data["before"]["admits"], data["after"]["admits"]) == ("known", "anybody")
    assert data["before"]["secret"] != data["after"]["secret"]


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"domains": "stranger.example"}, "domains", "not a domain of the company"),
        ({"issuer": "http://login.orvaly.example"}, "issuer", "must begin with https"),
        ({"issuer": "https://login.example/common/v2.0"}, "issuer", "no single company"),
        ({"secret": ""}, "secret", "required"),
        ({"is_on": "", "is_required": "on"}, "is_required", "only way in"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(admin, wrong, field, sentence):
    answer = add(admin, **wrong)
    assert answer.status_code == 422
    assert sentence in str(answer.context["form"].errors[field])
    assert not Provider.objects.exists()


def test_a_domain_belongs_to_one_provider(admin):
    make_provider(name="First")
    answer = add(admin)
    assert "First" in str(answer.context["form"].errors["domains"])


def test_metadata_is_pasted(admin, metadata):
    assert add(admin, "saml", metadata=metadata).status_code == 302
    provider = Provider.objects.get()
    assert provider.entity_id.endswith("/idp")
    assert len(provider.certificates) == 1


def test_metadata_is_fetched_from_public_addresses_only(admin, outside, metadata):
    outside.name("login.orvaly.example", "10.0.0.7")
    answer = add(admin, "saml", metadata_url="https://login.orvaly.example/metadata")
    assert "private network" in str(answer.context["form"].errors["metadata_url"])
    assert outside.dialled == []


def test_something_else_is_no_metadata(admin):
    answer = add(admin, "saml", metadata="<html></html>")
    assert "not the metadata" in str(answer.context["form"].errors["metadata"])


def test_removing_a_provider_forgets_who_was_known_to_it(admin):
    provider = make_provider()
    SocialAccount.objects.create(user=make_user(), provider=provider.slug, uid="s-1")
    admin.post(reverse("ambassadors:sign-on-remove", args=[provider.pk]))
    assert not Provider.objects.exists()
    assert not SocialAccount.objects.exists()
    assert Entry.objects.filter(verb="sign_on.removed").exists()


# --- The test button ----------------------------------------------------------------------------


def findings(admin, idp, settings, **fields):
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(idp.issuer).netloc]
    fields = {"issuer": idp.issuer, "secret": SECRET, "slug": "company"} | fields
    answer = admin.post(reverse("ambassadors:sign-on-test", args=[make_provider(**fields).pk]))
    return " ".join(each.text for each in answer.context["findings"])


def test_a_right_provider_is_said_to_be_right(admin, idp, settings):
    said = findings(admin, idp, settings)
    assert "The client ID and the secret are accepted" in said
    assert "All that can be seen from here is right" in said


def test_a_wrong_secret_is_said_to_be_wrong(admin, idp, settings):
    assert "does not accept this client ID" in findings(admin, idp, settings, secret="wrong")


def test_a_wrong_issuer_is_told_with_the_right_one(admin, idp, settings):
    other = idp.issuer.replace("127.0.0.1", "localhost")
    settings.LOCAL_HOSTS = {"localhost", "127.0.0.1"}
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(other).netloc]
    provider = make_provider(issuer=other, secret=SECRET)
    answer = admin.post(reverse("ambassadors:sign-on-test", args=[provider.pk]))
    assert f"calls itself “{idp.issuer}”" in answer.content.decode()


def test_a_provider_that_does_not_answer_is_said_not_to(admin, idp, settings, outside):
    outside.name("login.orvaly.example", "10.0.0.7")
    assert "private network" in findings(
        admin, idp, settings, issuer="https://login.orvaly.example"
    )


def test_a_secret_of_another_server_key_must_be_entered_again(admin, idp, settings):
    provider = make_provider(issuer=idp.issuer, secret=SECRET)
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(idp.issuer).netloc]
    settings.SECRET_KEY = "another key of this server, of more than fifty characters"
    somebody = make_admin(language="en")
    admin.force_login(somebody)
    confirm(admin, somebody)
    answer = admin.post(reverse("ambassadors:sign-on-test", args=[provider.pk]))
    assert "enter it again" in answer.content.decode()
