"""What a provider must not get past us: each answer here is wrong in one thing, and right in all else."""

import base64
import time
from urllib.parse import urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from django.core.cache import cache
from django.urls import reverse

from activity.models import Entry
from ambassadors.accounts.sso import door
from ambassadors.models import DirectoryGroup, GroupRole, Provider, Role
from tests.ambassadors.identity import Liar, key_pair
from tests.factories import make_admin, make_provider, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def liar():
    running = Liar()
    yield running
    running.close()


@pytest.fixture
def company(liar, settings):
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(liar.issuer).netloc]
    liar.description = {}
    cache.clear()
    return make_provider(issuer=liar.issuer, secret="s", slug="company")


@pytest.fixture
def lea():
    return make_user(email="lea@orvaly.example")


def begin(client):
    return client.get(reverse("ambassadors:sso-begin", args=["company"]))["Location"]


def come_back(client, state, **given):
    given = {"state": state, "code": "c"} | given
    return client.get(reverse("ambassadors:sso-callback", args=["company"]), given)


def is_in(client):
    return "_auth_user_id" in client.session


def refused(client, answer):
    return answer.status_code == 403 and not is_in(client) and not SocialAccount.objects.exists()


def test_the_right_answer_is_taken(client, liar, company, lea):
    assert come_back(client, liar.says(begin(client))).status_code == 302
    assert is_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-client"},
        {"aud": ["porte-voix", "another-client"], "azp": "another-client"},
        {"iss": "https://accounts.evil.example"},
        {"nonce": "of-another-login"},
        {"nonce": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "s" * 300},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_token_for_another_purpose_is_refused(client, liar, company, lea, wrong):
    assert refused(client, come_back(client, liar.says(begin(client), **wrong)))


def test_a_token_signed_by_somebody_else_is_refused(client, liar, company, lea):
    stranger, _certificate = key_pair()
    state = liar.says(begin(client), key=stranger)
    assert refused(client, come_back(client, state))


def test_a_token_that_is_not_signed_is_refused(client, liar, company, lea):
    state = liar.says(begin(client))
    said = jwt.decode(liar.token, options={"verify_signature": False})
    liar.token = jwt.encode(said, None, "none", {"kid": liar.kid})
    assert refused(client, come_back(client, state))


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    client, liar, company, lea, monkeypatch
):
    public = liar.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # PyJWT refuses to make such a token; an attacker has no such scruples.
    monkeypatch.setattr(jwt.algorithms.HMACAlgorithm, "prepare_key", lambda self, key: key)
    state = liar.says(begin(client), key=public, algorithm="HS256")
    monkeypatch.undo()
    assert refused(client, come_back(client, state))


def test_userinfo_of_somebody_else_is_refused(client, liar, company, lea):
    state = liar.says(begin(client))
    liar.userinfo = {"sub": "s-2", "email": "lea@orvaly.example", "email_verified": True}
    assert refused(client, come_back(client, state))


def test_an_answer_without_an_id_token_is_refused(client, liar, company, lea):
    state = liar.says(begin(client))
    liar.token = ""
    assert refused(client, come_back(client, state))


def test_an_answer_that_names_another_issuer_is_refused(client, liar, company, lea):
    state = liar.says(begin(client))
    assert refused(client, come_back(client, state, iss="https://accounts.evil.example"))


def test_a_state_of_another_provider_is_refused(client, liar, company, lea):
    make_provider(issuer=liar.issuer, secret="s", slug="other", domains=["orvaly-france.example"])
    other = client.get(reverse("ambassadors:sso-begin", args=["other"]))["Location"]
    assert refused(client, come_back(client, liar.says(other)))


def test_a_made_up_state_is_refused(client, liar, company, lea):
    liar.says(begin(client))
    assert refused(client, come_back(client, "made-up"))


def test_a_description_of_another_issuer_is_refused(client, liar, company, lea):
    liar.description = {"issuer": "https://accounts.evil.example"}
    answer = client.get(reverse("ambassadors:sso-begin", args=["company"]))
    assert refused(client, answer)


def test_new_keys_are_fetched_when_a_token_names_one(client, liar, company, lea):
    come_back(client, liar.says(begin(client)))
    client.logout()
    liar.key, _certificate = key_pair()
    liar.kid = "key-2"
    assert come_back(client, liar.says(begin(client))).status_code == 302


def test_the_secret_is_not_sent_into_the_private_network(client, company, settings):
    settings.FETCH_ALLOWED_HOSTS = []
    assert refused(client, client.get(reverse("ambassadors:sso-begin", args=["company"])))


def test_a_name_at_one_provider_is_nobody_at_another(client, liar, company, lea):
    come_back(client, liar.says(begin(client)))
    client.logout()
    make_provider(
        issuer=liar.issuer, secret="s", slug="other", domains=["orvaly-france.example"], name="B"
    )
    asked = client.get(reverse("ambassadors:sso-begin", args=["other"]))["Location"]
    given = {"state": liar.says(asked, sub="s-1"), "code": "c"}
    answer = client.get(reverse("ambassadors:sso-callback", args=["other"]), given)
    assert answer.status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("ways", [None, ["client_secret_basic"]])
def test_the_secret_is_sent_as_the_provider_wants_it(client, liar, company, lea, ways):
    liar.description = {"token_endpoint_auth_methods_supported": ways}
    Provider.objects.update(client_id="porte:voix")
    answer = come_back(client, liar.says(begin(client), aud="porte:voix"))
    assert answer.status_code == 302
    assert liar.authorization == f"Basic {base64.b64encode(b'porte%3Avoix:s').decode()}"


def test_a_secret_that_cannot_be_read_any_more_is_told(client, company):
    Provider.objects.update(sealed_secret="of another key")
    assert refused(client, client.get(reverse("ambassadors:sso-begin", args=["company"])))


def test_strangers_cannot_fill_the_trail(client, company, monkeypatch):
    monkeypatch.setattr(door, "MOST_ENTRIES", 3)
    Provider.objects.update(issuer="https://127.0.0.1:1")
    for _ in range(5):
        client.get(reverse("ambassadors:sso-begin", args=["company"]))
    assert Entry.objects.filter(verb="sign_on.refused").count() == 3


def with_groups(**roles):
    """The provider tells of groups, and these give roles: with_groups(rh="manager")."""
    Provider.objects.update(groups_claim="groups")
    for group, role in roles.items():
        GroupRole.objects.set_role(group, role, by=None)


def log_in(client, liar, **said):
    answer = come_back(client, liar.says(begin(client), **said))
    client.logout()
    return answer


def role_of(user):
    user.refresh_from_db()
    return user.role


def test_a_group_gives_a_role_and_leaving_it_takes_it_back(client, liar, company, lea):
    make_admin()
    with_groups(rh="manager", it="admin")
    for groups, role in [(["rh"], Role.MANAGER), (["rh", "it"], Role.ADMIN), ([], "ambassador")]:
        log_in(client, liar, groups=groups)
        assert role_of(lea) == role
    given = Entry.objects.filter(verb="sign_on.role_given", subject_id=lea.pk)
    assert [entry.data["after"] for entry in given.order_by("pk")] == [
        "manager",
        "admin",
        "ambassador",
    ]


def test_a_provider_without_a_mapping_makes_nobody_an_administrator(client, liar, company, lea):
    with_groups(it="admin")
    Provider.objects.update(groups_claim="")
    make_provider(domains=[], groups_claim="groups")
    log_in(client, liar, groups=["it"], role="admin")
    assert role_of(lea) == Role.AMBASSADOR


def test_a_group_that_scim_told_of_counts_at_login_too(client, liar, company, lea):
    with_groups(rh="manager")
    DirectoryGroup.objects.create(display_name="RH").members.add(lea)
    log_in(client, liar, groups=[])
    assert role_of(lea) == Role.MANAGER


def test_where_no_group_gives_a_role_nobody_loses_one(client, liar, company):
    boss = make_admin(email="lea@orvaly.example")
    make_admin()
    with_groups()
    log_in(client, liar, groups=["it"])
    assert role_of(boss) == Role.ADMIN


def test_without_a_mapping_a_role_given_by_hand_stays(client, liar, company):
    boss = make_admin(email="lea@orvaly.example")
    make_admin()
    log_in(client, liar, groups=[])
    assert role_of(boss) == Role.ADMIN


def test_the_last_administrator_keeps_the_role(client, liar, company):
    boss = make_admin(email="lea@orvaly.example")
    with_groups(it="admin")
    assert log_in(client, liar, groups=[]).status_code == 302
    assert role_of(boss) == Role.ADMIN
    assert Entry.objects.filter(verb="sign_on.last_admin_kept").exists()


def test_groups_that_did_not_fit_change_nothing(client, liar, company):
    """Entra leaves the groups out of a token when there are more than 200."""
    boss = make_admin(email="lea@orvaly.example")
    make_admin()
    with_groups(it="admin")
    log_in(client, liar, _claim_names={"groups": "src1"})
    assert role_of(boss) == Role.ADMIN
    log_in(client, liar)
    assert role_of(boss) == Role.AMBASSADOR
