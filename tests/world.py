"""Every page there is, and one of each thing a page may be about: for the tests that walk them all.

    world = World(Role.MANAGER, "en")
    for page in world.pages():
        answer = world.get(page)

A new address is walked by itself. One that takes arguments needs a line in `World.arguments`; one
that answers otherwise than a page does, a line in OTHERWISE. Without, the tests fail and say so.
"""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from PIL import Image

from activity.mailing.models import Suppression
from activity.models import Attempt, Browser, Endpoint, Notification
from activity.tokens import unsubscribe_token
from ambassadors.accounts.looks import note_look
from ambassadors.accounts.policy import allows
from ambassadors.accounts.roles import Belonging
from ambassadors.directory.imports.models import Import
from ambassadors.models import (
    Ambassador,
    ApiToken,
    Call,
    Charter,
    DirectoryGroup,
    Erasure,
    ErasureRequest,
    Export,
    GroupRole,
    Invitation,
    Look,
    Role,
    SignUpLink,
    User,
)
from ambassadors.privacy.retention import carry_out
from campaigns.models import (
    Campaign,
    Caption,
    Claim,
    ComposerDraft,
    Content,
    ContentImport,
    Mailing,
    Phrase,
    Plan,
    Proposal,
    Recall,
    SavedView,
    Sighting,
)
from campaigns.planning.wizard import Step
from campaigns.reach.forms import ReachFilter
from campaigns.reach.freezing import freeze
from campaigns.reach.headcount import count_days
from campaigns.sharing import one_tap
from tests.activity.post_office import expand_all
from tests.activity.receivers import make_delivery, make_endpoint
from tests.factories import (
    make_address,
    make_ambassador,
    make_campaign,
    make_caption,
    make_content,
    make_department,
    make_goal,
    make_invitation,
    make_link,
    make_location,
    make_member,
    make_network,
    make_person,
    make_proposal,
    make_provider,
    make_ready_campaign,
    make_share,
    make_source,
    make_tally,
    make_topic,
    make_user,
)

STRANGER = None
ROLES = [STRANGER, Role.AMBASSADOR, Role.MANAGER, Role.ADMIN]
LANGUAGES = ["fr", "en"]
PASSWORD = "a-long-password-2026"
# A signing certificate that never ends; its key was thrown away.
CERTIFICATE = (
    "MIIBlTCCATugAwIBAgIUQiqUDxO/zPLx4QgCz3zB6AykizMwCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwU"
    "bG9naW4ub3J2YWx5LmV4YW1wbGUwIBcNMjYxMTIzMTk1ODI0WhgPMjEyNjEwMzAxOTU4MjRaMB8xHTAb"
    "BgNVBAMMFGxvZ2luLm9ydmFseS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1BiSWK6d"
    "Qa8ZC/I8rCACUCcwiYSI6UQWkioV4+EobH+cVyrc6+XTTsGEozMgBwqGDi2NNqn7eXgNRVGFX3TRXaNT"
    "MFEwHQYDVR0OBBYEFFD9ihdjr4mhpWHgU1HM3l5uE0R5MB8GA1UdIwQYMBaAFFD9ihdjr4mhpWHgU1HM"
    "3l5uE0R5MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgPowBH24wG/7TLynivwlmr3Pj"
    "n49gYprwVRCNVxo2vioCIQC6Zpz85BFnhAF2R/Uq2OlhUM7KPtb2hgRCiXfLMcHfOQ=="
)
ENOUGH = settings.MINIMUM_GROUP + 1  # of a department, to have figures shown
TEXT = "On a pris le temps de vous raconter notre métier."

# Further states of a page, as its address says them.
VIEWS = {
    "approval-queue": ["?tab=all", "?tab=own", "?tab=decided", "?tab=all&item={caption}"],
    "campaign-list": ["?state=archived&q=zzz"],
    "campaign-new": ["?kind=recruiting"],
    "content-calendar": ["?view=sheet", "?month=2020-01"],
    "content-list": ["?q=zzz", "?only=evergreen&only=no_en&sort=-shares", "?into={campaign}"],
    "content-new": ["?fresh=1"],
    "department-merge": ["?into={into}"],
    "feed": ["?topic=all", "?topic=all&network=x&campaign={campaign}"],
    "import-check": ["?rows=new", "?rows=known"],
    "person-list": ["?q=zzz", "?standing=active"],
    "reach-efforts": ["?period=90"],
    "reach-report": ["?period=custom&first=2026-02-03&last=2026-02-01", "?kind=change"],
    "share-panel": ["?network=mastodon", "?network=x&language=en"],
}
# Forms that are also sent with nothing in them, for what they then say.
SENT_EMPTY = {
    "account_change_password",
    "account_login",
    "account_reauthenticate",
    "account_request_login_code",
    "account_reset_password",
    "campaign-new?kind=recruiting",
    "channel-new",
    "content-import",
    "content-new",
    "import-new",
    "invitation-renew",
    "mfa_activate_totp",
    "phrase-list",
    "topic-list",
    "proposal-new",
    "reach-view-new",
    "sign-on-new",
    "source-new",
}
# What is no page of its own to those who may open it, by URL name; the rest answers 200.
OTHERWISE_INSIDE = {
    "sso-acs": 302,
    "sso-find": 302,
    "sign-up-confirm": 410,
    "sign-up-open": 302,
    "sso-begin": 302,
    "sso-callback": 403,
    "sso-finish": 403,
    "account_complete_password_reset": 302,
    "account_confirm_login_code": 302,
    "account_confirm_password_reset_code": 302,
    "account_email_verification_sent": 302,
    "account_login": 302,
    "account_request_login_code": 302,
    "account_set_password": 302,
    "account_signup": 302,
    "approve-together": 302,
    "home": 302,
    "invitation-answer": 404,
    "kept": 404,
    "mfa_authenticate": 302,
    "mfa_download_recovery_codes": 302,
    "mfa_login_webauthn": 302,
    "mfa_edit_webauthn": 404,
    "mfa_reauthenticate_webauthn": 302,
    "mfa_remove_webauthn": 404,
    "notification-open": 302,
    "programme-join": 302,
    "share-one-tap": 302,
}
OTHERWISE_OUTSIDE = {
    "mfa_login_webauthn": 302,
    "sso-acs": 302,
    "sso-find": 302,
    "sign-up-confirm": 410,
    "sso-begin": 302,
    "sso-callback": 403,
    "sso-finish": 403,
    "account_complete_password_reset": 302,
    "account_email_verification_sent": 302,
    "account_logout": 302,
    "invitation-answer": 404,
}
# What asks for a token, whoever is logged in.
BY_TOKEN = {
    "conversion-report": 405,
    "returns": 405,
    "scim-config": 401,
    "scim-group": 401,
    "scim-groups": 401,
    "scim-nothing": 401,
    "scim-schema": 401,
    "scim-schemas": 401,
    "scim-type": 401,
    "scim-types": 401,
    "scim-user": 401,
    "scim-users": 401,
    "scim-bulk": 401,
    "scim-search": 401,
    "scim-user-search": 401,
}
# Only for those who have set a second factor, and only for those who have not.
WITH_FACTOR = {
    "mfa_deactivate_totp": 404,
    "mfa_reauthenticate": 302,
    "mfa_view_recovery_codes": 404,
}
WITHOUT_FACTOR = {"confirm-code": 403, "mfa_activate_totp": 302}
# The statuses of what is there to be read, and refusals that are looked at for all their like.
SHOWN = {200, 410, 451}
REFUSALS = {"sso-finish": 403, "desk": 403, "invitation-answer": 404, "invitation-open": 404}
DOWNLOADS = {
    "entry-export",
    "charter-export",
    "sso-metadata",
    "address-qr",
    "content-export",
    "content-import-errors",
    "content-import-template",
    "import-download",
    "mfa_download_recovery_codes",
    "plan-calendar",
    "reach-export",
    # A mail alone, for the frame of a page: the mails have tests of their own.
    "sending-letter",
    "share-qr",
}


@dataclass(frozen=True)
class Page:
    """An address, as somebody opens it.

    before: a form sent beforehand, (path, data), for what is the second of two steps.
    empty: its form is sent with nothing in it, and this is the answer.
    """

    name: str
    path: str
    before: tuple = ()
    empty: bool = False

    def __str__(self):
        return f"{self.path}{' sent empty' * self.empty}"

    @property
    def word(self):
        return self.name.rpartition(":")[2]

    @property
    def view(self):
        return resolve(self.path.partition("?")[0]).func


def url_names(resolver=None, space="", taken=frozenset()):
    """(name, its arguments' names, its view) of every URL of the product."""
    for entry in (resolver or get_resolver()).url_patterns:
        arguments = taken | set(entry.pattern.regex.groupindex)
        if hasattr(entry, "url_patterns"):
            inner = f"{entry.namespace}:" if entry.namespace else ""
            yield from url_names(entry, space + inner, arguments)
        else:
            yield space + entry.name, arguments, entry.callback


def methods_of(view):
    """The HTTP methods a view lets in: Django's decorators keep them where only they can see."""
    while view:
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return view.__closure__[names.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return ["GET", "POST"]


class World:
    """One of each thing a page may be about, and somebody of `role` in the middle of it."""

    def __init__(self, role, language, *, empty=False):
        self.role, self.language, self.empty = role, language, empty
        self.user = make_user(role=role or Role.AMBASSADOR, language=language, password=PASSWORD)
        EmailAddress.objects.create(
            user=self.user, email=self.user.email, verified=True, primary=True
        )
        self.ambassador = make_ambassador(self.user, networks=["linkedin"])
        self.ambassador.accept(Charter.objects.current(), language=language)
        self.has_factor = role in (STRANGER, Role.MANAGER)
        if self.has_factor:
            TOTP.activate(self.user, generate_totp_secret())
            RecoveryCodes.activate(self.user)
        self.arguments, self.otherwise = {}, {}
        if not empty:
            self._fill()

    def visitor(self, page):
        """A test client about to open `page`: logged in a moment ago, and there by its first step.

        One for each page, so that no page depends on what was opened before it.
        """
        client = Client(headers={"accept-language": self.language})
        if self.role:
            client.force_login(self.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            session = client.session
            said = {"method": "password", "at": time.time(), "reauthenticated": True}
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [said]
            session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(self.user.pk)
            session.save()
        elif page.before:
            client.post(*page.before)
        return client

    def get(self, page, **headers):
        """What Django's test client is answered."""
        client = self.visitor(page)
        if page.empty:
            return client.post(page.path, {}, headers=headers)
        # An invitation's secret leaves the address before anything is shown.
        return client.get(page.path, headers=headers, follow=page.word == "invitation-open")

    def opens(self, page):
        """Is there something to look at? What is refused, or leads elsewhere, is tested without."""
        shown = {*SHOWN, REFUSALS.get(page.word)}
        return self.expects(page) in shown and page.word not in DOWNLOADS

    def may_answer(self, page):
        """The statuses that are right: a form sent empty is refused with either."""
        expected = self.expects(page)
        return {200, 422} if page.empty and expected == 200 else {expected}

    def expects(self, page):
        """The status of the answer to a GET, by the policy and what is written here."""
        view, word = page.view, page.word
        if self.role is STRANGER and getattr(view, "login_required", True):
            return 302
        if "GET" not in methods_of(view):
            return 405
        if self.role and not allows(self.user, getattr(view, "perm", "ambassadors.join_programme")):
            return 403
        if page.path in self.otherwise:
            return self.otherwise[page.path]
        if word in BY_TOKEN:
            return BY_TOKEN[word]
        if self.role is STRANGER:
            return OTHERWISE_OUTSIDE.get(word, 200)
        factor = WITHOUT_FACTOR if self.has_factor else WITH_FACTOR
        return (OTHERWISE_INSIDE | factor).get(word, 200)

    def pages(self):
        """Every address; its further states too, as the least of the roles that may open it.

        LookupError for an address that nobody gave a line. In an empty world, the product's own
        pages that are about nothing in particular: what they say when there is nothing.
        """
        for name, arguments, view in url_names():
            if self.empty and (arguments or ":" not in name):
                continue
            word = name.rpartition(":")[2]
            given = self._given(name, word, view) if arguments else [{}]
            paths = [reverse(name, kwargs=kwargs) for kwargs in given]
            pages = [Page(name, path, self._before(word)) for path in paths]
            yield from pages[:1]
            if pages and not self.empty and self._is_host_of(pages[0]):
                yield from pages[1:]
                yield from self._further(pages[0])

    def _is_host_of(self, page):
        perm = getattr(page.view, "perm", "")
        if not perm:
            return self.role in (STRANGER, Role.AMBASSADOR)
        hosts = [role for role in Role if allows(User(role=role), perm)]
        return self.role == hosts[0]

    def _given(self, name, word, view):
        """What the address is about: by its whole name, or by the first word of it."""
        for key in (word, word.partition("-")[0]):
            if key in self.arguments:
                return self.arguments[key]
        if "GET" not in methods_of(view):
            return []
        raise LookupError(f"{name} takes arguments: give it a line in tests/world.py")

    def _further(self, page):
        for view in VIEWS.get(page.word, []):
            yield replace(page, path=page.path + view.format(**self.named))
        for asked in SENT_EMPTY:
            if asked.partition("?")[0] == page.word:
                yield replace(page, path=page.path + asked.removeprefix(page.word), empty=True)

    def _before(self, word):
        email = {"email": self.user.email}
        login = {"login": self.user.email, "password": PASSWORD}
        return {
            "mfa_authenticate": (reverse("account_login"), login),
            "account_confirm_login_code": (reverse("account_request_login_code"), email),
            "account_confirm_password_reset_code": (reverse("account_reset_password"), email),
        }.get(word, ())

    # --- What there is -----------------------------------------------------------------------

    def _fill(self):
        self._departments()
        self._campaigns()
        self._contents()
        self._shares()
        self._sources()
        self._imports()
        self._invitations()
        self._bell()
        self._provisioning()
        self._channels()
        self._sign_on()
        self._privacy()
        self.arguments |= {
            "network-edit": [{"pk": make_network("mastodon").pk}],
            "suppression-remove": [{"pk": Suppression.put("gone@orvaly.example", "hard")[0].pk}],
            "topic-edit": [{"pk": make_topic().pk}, {"pk": self.school.topics.get().pk}],
            "mfa_edit_webauthn": [{"pk": 0}],
            "mfa_remove_webauthn": [{"pk": 0}],
            "picture": [{"name": Path(self.school.image.name).name}],
            "kept": [{"name": "app.js"}],
            "sending-mail": [{"name": "digest"}],
            "sending-letter": [{"name": "digest"}],
            "entry-export": [{"format": "csv"}, {"format": "xlsx"}],
            "reach-export": [{"format": "csv"}, {"format": "xlsx"}],
            "content-export": [{"format": "csv"}, {"format": "xlsx"}],
            "content-import-template": [{"format": "csv"}, {"format": "xlsx"}],
            "unsubscribe": [{"token": unsubscribe_token(self.user.pk, "digest")}],
            "share-one-tap": [{"token": self._tap()}],
            "welcome-step": [{"step": step} for step in Ambassador.Step],
        }

    def _tap(self):
        return one_tap.url_for(self.user.pk, self.school.pk, uuid4()).split("/")[-2]

    def _provisioning(self):
        """A directory that brings people: a token, a group with a team and a role, two calls."""
        admin = make_user(role=Role.ADMIN)
        token, _secret = ApiToken.issue("Entra ID", ApiToken.Scope.SCIM, by=admin)
        ApiToken.issue("Site", ApiToken.Scope.CONVERSIONS, by=admin)[0].revoke(by=admin)
        team = make_department(parent=self.sales)
        group = DirectoryGroup.objects.create(display_name="Rédaction", team=team)
        group.members.add(self.members[0].user)
        GroupRole.objects.set_role("RH", Role.MANAGER, by=admin)
        fields = {"token": token, "method": "POST", "path": "/Users"}
        Call.note(status=201, **fields)
        Call.note(status=409, problem="uniqueness", attribute="userName", **fields)
        charter = [{"pk": Charter.objects.current().pk}]
        self.arguments |= {"charter-acceptances": charter, "charter-export": charter}
        self.arguments["charter-write"] = [{"belonging": each} for each in Belonging]
        self.arguments["role-edit"] = [{"pk": admin.pk}, {"pk": self.members[0].user.pk}]
        anything = [{"pk": "1"}]
        self.arguments |= {
            "scim-group": anything,
            "scim-user": anything,
            "scim-schema": [{"name": "User"}],
            "scim-type": [{"name": "User"}],
            "scim-nothing": [{"rest": "Anything"}],
        }

    def _channels(self):
        """A webhook with a log, a channel that was stopped, and a browser that is told."""
        hook = make_endpoint(failing_since=timezone.now())
        slack = make_endpoint("slack")
        slack.disable("status 404")
        delivery = make_delivery(hook, problem="status 503", attempts=1)
        head = {"request_head": "POST https://hooks.customer.example/…", "milliseconds": 12}
        Attempt.objects.create(delivery=delivery, problem="status 503", answer_head="503", **head)
        both = [{"pk": hook.pk}, {"pk": slack.pk}]
        self.arguments |= {
            "channel-new": [{"kind": kind} for kind in Endpoint.Kind.values],
            "channel-detail": both,
            "channel-edit": both,
            "channel-delivery": [{"pk": delivery.pk}],
        }
        Browser.add(self.user, address="https://x.push.apple.com/1", key="k", auth="a", device="")

    def _privacy(self):
        """A file that waits, and a request to be erased; somebody who was."""
        export = Export.ask(self.user)
        export.keep(b"PK")
        ErasureRequest.ask(make_user())
        Erasure.objects.create(mark="a" * 64, reason="asked", left_in={"campaigns_review": 1})
        carry_out("looks")
        note_look(make_user(role=Role.MANAGER), [self.user.pk], Look.What.PEOPLE)
        self.arguments["my-data-download"] = [{"token": export.token}]

    def _departments(self):
        """One that has figures, one that is too small for it."""
        self.sales, works = make_department(), make_department()
        self.arguments["department"] = [{"pk": self.sales.pk}, {"pk": works.pk}]
        # What to merge into is asked in the address.
        self.into = works.pk
        for each in (self.sales, works):
            self.otherwise[reverse("ambassadors:department-merge", args=[each.pk])] = 422
        sales = self.sales
        make_person(self.user, department=sales, location=make_location(), job_title="Technologue")
        self.members = [make_member(sales, networks=["linkedin"]) for _ in range(ENOUGH)]
        make_member(works)
        make_member(sales, state=Ambassador.State.INVITED, joined_at=None)
        make_member(works, state=Ambassador.State.JOINING, next_step="charter")

    def _campaigns(self):
        state = Campaign.State
        self.running = make_campaign(
            name_en="Sober buildings",
            objective_en="Make our sites known.",
            disclosure_fr="Je travaille chez Orvaly.",
            disclosure_en="I work at Orvaly.",
        )
        make_goal(self.running)
        make_goal(self.running, name="Essai", ended_at=timezone.now(), return_url="")
        self.draft = make_ready_campaign(four_eyes=False)
        others = [make_campaign(state=state.DRAFT, kind="recruiting", name_en="Join us")]
        for each in set(state) - {state.DRAFT, state.RUNNING}:
            campaign = make_campaign(state=each, name_en=f"Campaign {each}", kind="change")
            make_content(campaign=campaign)
            others.append(campaign)
        given = [{"slug": campaign.slug} for campaign in (self.running, self.draft, *others)]
        self.arguments |= {
            "campaign": given[:1],
            "campaign-detail": given,
            "goal-list": given,
            "campaign-mute": [{"pk": self.running.pk}],
            "campaign-step": [{"slug": self.draft.slug, "step": step} for step in Step]
            + [{"slug": others[0].slug, "step": step} for step in Step],
        }

    def _contents(self):
        status = Content.Status
        school = make_content(
            campaign=self.running,
            topics=[make_topic(name_en="Sites")],
            image=ContentFile(_picture(), "ecole.jpg"),
            image_alt="Une école.",
        )
        captions = [
            make_caption(school, text=TEXT),
            make_caption(school, text="Combien coûte une école chaude ?"),
            make_caption(school, language="en", text="Words.", status=Caption.Status.IN_REVIEW),
        ]
        contents = [school]
        for each in set(status) - {status.WITHDRAWN, status.PUBLISHED}:
            content = make_content(
                campaign=self.running, status=each, published_at=None, submitted_at=timezone.now()
            )
            make_caption(content)
            contents.append(content)
        withdrawn = make_content(campaign=self.running)
        make_share(make_link(self.ambassador, withdrawn))
        withdrawn.withdraw(make_user(role=Role.ADMIN), "Le chiffre était faux.")
        plain = make_content(
            campaign=self.running, expires_at=timezone.now() + timedelta(days=2), language="en"
        )
        captions.append(make_caption(plain, language="en", text="A school, and its heat."))
        given = [{"pk": content.pk} for content in (*contents, withdrawn, plain)]
        [expired] = [content for content in contents if content.status == status.EXPIRED]
        self._claims_and_words(school)
        self._expect("share-panel", {expired: 410, withdrawn: 451})
        if not allows(self.user, "campaigns.see_library"):
            hidden = dict.fromkeys((*contents, withdrawn), 404)
            self._expect("content-detail", hidden | {school: 302, plain: 302})
        self._addresses(school, plain)
        self.school, self.contents = school, contents
        self.arguments["recall"] = [{"pk": self._recall(withdrawn)}]
        self.named = {
            "into": self.into,
            "caption": f"caption-{captions[2].pk}",
            "campaign": self.running.slug,
        }
        self.arguments |= {
            "content": given[:1],
            "content-detail": given,
            "content-edit": [{"pk": c.pk} for c in contents if c.is_editable],
            "caption": [{"pk": captions[0].pk}],
            "caption-new": given[:1],
            "share": given[:1],
            "share-qr": [given[0] | {"kind": "svg"}, given[0] | {"kind": "png"}],
            "share-panel": [{"pk": c.pk} for c in (school, plain, expired, withdrawn)],
        }

    def _addresses(self, here, elsewhere):
        """One that is on, one that is off, one that may be brought here."""
        address, off = make_address("portes-ouvertes", here), make_address("ecole-2026", here)
        off.turn_off(by=self.user)
        make_address("metiers", elsewhere)
        codes = [{"pk": address.pk, "kind": kind} for kind in ("svg", "png")]
        self.arguments |= {"address": [{"pk": address.pk}], "address-qr": codes}

    def _recall(self, content):
        """Of what the walker had shared: it is asked of them, where they posted it."""
        Recall.objects.get_or_create(ambassador=self.ambassador, content=content)
        return content.pk

    def _claims_and_words(self, school):
        """What is claimed with a source, without one, and no longer so; a word nobody may use."""
        writer = make_user(role=Role.MANAGER)
        day = timezone.localdate() + timedelta(days=30)
        source = {"source": "Bilan 2025", "source_url": "https://orvaly.example/bilan"}
        kept = {"content": school, "owner": writer}
        Claim.objects.create(**kept, text="Cent logements sans gaz", valid_until=day, **source)
        Claim.objects.create(**kept, text="Les premiers", lapsed_at=timezone.now())
        Phrase(text="raconter", instead="Dites ce que vous faites.").add(writer)
        ComposerDraft.keep(
            uuid4(), by=self.user, content=None, base=None, data={"title": ["À moitié écrit"]}
        )

    def _expect(self, word, statuses):
        for thing, status in statuses.items():
            self.otherwise[reverse(f"campaigns:{word}", args=[thing.pk])] = status

    def _shares(self):
        """Enough of them for the report to speak, and one of the walker's that is not answered."""
        yesterday = timezone.localdate() - timedelta(days=1)
        for member in (self.ambassador, *self.members):
            link = make_link(member, self.school)
            make_share(link, declared_at=timezone.now() - timedelta(days=1))
            make_tally(link, day=yesterday)
        asked = make_share(make_link(self.ambassador, self.school, "x"), declared_at=None)
        self.arguments["share-declare"] = self.arguments["share-dismiss"] = [{"pk": asked.pk}]
        later = timezone.now() + timedelta(days=1)
        network = make_network("linkedin")
        kept = Plan.objects.create(
            ambassador=self.ambassador, content=self.school, network=network, at=later
        )
        self.arguments["plan"] = [{"pk": kept.pk}]
        count_days(timezone.localdate() - timedelta(days=n) for n in (1, 2, 28, 29, 56))
        self._kept_reports()

    def _kept_reports(self):
        """A view that is mailed, and what was frozen of it; an item that was shared."""
        view = SavedView(owner=self.user, name="Chaque lundi", question="period=28")
        view.is_shared, view.is_default = True, False
        view.keep(by=self.user)
        Mailing.arrange(view, rhythm="weekly", recipients=[self.user], by=self.user)
        frozen = freeze(ReachFilter.of(QueryDict("period=28")), "Lundi", readers=[self.user])
        self.arguments |= {
            "reach-item": [{"pk": self.school.pk}],
            "reach-view-edit": [{"pk": view.pk}],
            "reach-frozen": [{"pk": frozen.pk}],
        }

    def _sources(self):
        """One that is well, with what it brought and holds; one that fails, moved and is paused."""
        well = make_source(name="Blogue", campaign=self.running, read_at=timezone.now(), found=3)
        Sighting.objects.create(
            source=well, page_key="w1", title="Une école", url=self.school.url, content=self.school
        )
        Sighting.objects.create(
            source=well, page_key="w2", title="Un pont", url="https://a.example/2", is_held=True
        )
        trouble = {"failures": 6, "error": "Refused 410", "moved_to": "https://a.example/neuf.xml"}
        ill = make_source(name="Revue", kind="page", is_active=False, passed_over=2, **trouble)
        day = timedelta(days=1)
        Content.objects.filter(pk=self.school.pk).update(
            link_failing_since=timezone.now() - day,
            link_checked_at=timezone.now(),
            link_error="Refused 404",
        )
        self.arguments["source"] = [{"pk": source.pk} for source in (well, ill)]
        for state in Proposal.State:
            answer = "Merci." if state == Proposal.State.DECLINED else ""
            make_proposal(proposer=self.user, state=state, answer=answer)

    def _imports(self):
        """One with every sort of line, one that is read, one that is written, one that is done."""
        done, checked, read, written = (self._import() for _ in range(4))
        done.start(by=self.user, invite=False)
        for each, status in ((read, "checking"), (written, "committing")):
            Import.objects.filter(pk=each.pk).update(status=status)
        self.arguments |= {
            "import": [{"pk": checked.pk}],
            "import-check": [{"pk": checked.pk}, {"pk": read.pk}],
            "import-done": [{"pk": written.pk}, {"pk": done.pk}],
        }

        listed, taken_in = (self._content_import() for _ in range(2))
        taken_in.carry_out(self.user)
        self.arguments["content-import-check"] = [{"pk": listed.pk}, {"pk": taken_in.pk}]
        self.arguments["content-import-errors"] = [{"pk": listed.pk}]

    def _content_import(self):
        """New, there already, twice in the file, wrong."""
        data = PAGES.format(known=self.school.url).encode()
        file = SimpleUploadedFile("pages.csv", data)
        return ContentImport.receive(
            file, by=self.user, campaign=self.running, language=self.language
        )

    def _import(self):
        data = LIST.format(department=self.sales.name).encode()
        return Import.receive(SimpleUploadedFile("equipe.csv", data), by=self.user)

    def _invitations(self):
        """Good, too old, answered with a no, taken up; and one that never was."""
        people = [make_user(language=self.language) for _ in range(4)]
        good, old, declined, used = (make_invitation(person) for person in people)
        Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=1))
        declined.decline()
        used.accept()
        tokens = [each.token for each in (good, old, declined, used)]
        for token, status in zip([*tokens[1:], "nothing"], (410, 410, 410, 404), strict=True):
            self.otherwise[reverse("ambassadors:invitation-open", args=[token])] = status
        self.arguments["invitation"] = [{"token": token} for token in (*tokens, "nothing")]

    def _sign_on(self):
        """A company's login of either kind."""
        openid = make_provider(secret="s", groups_claim="groups")
        saml = make_provider("saml", domains=["orvaly-france.example"], certificates=[CERTIFICATE])
        link = SignUpLink.make(by=None)
        self.otherwise[reverse("ambassadors:sign-up-open", args=["nothing"])] = 410
        openid_slug, saml_slug = {"slug": openid.slug}, {"slug": saml.slug}
        self.arguments |= {
            "sign": [{"pk": openid.pk}, {"pk": saml.pk}],
            "sign-on-new": [{"kind": "openid"}, {"kind": "saml"}],
            "sign-up-open": [{"token": link.token}, {"token": "nothing"}],
            "sign-up-confirm": [{"token": "nothing"}],
            "sign-up-revoke": [{"pk": link.pk}],
            "sso": [saml_slug],
            "sso-callback": [openid_slug],
        }

    def _bell(self):
        item = make_content(campaign=self.running, author=self.user, status="in_review")
        item.approve(by=make_user(role=Role.ADMIN))
        expand_all()
        heard = Notification.objects.filter(recipient=self.user, channel="bell")
        self.arguments["notification"] = [{"pk": row.pk} for row in heard[:1]]


LIST = """email,first_name,last_name,department,location,language
mia@orvaly.example,Mia,Roy,{department},Laval,fr
no,Luc,Roy,{department},,fr
ana@orvaly.example,Ana,Lee,Planification,Gatineau,en
"""
PAGES = """Link,Title,Why share it,Last day,LinkedIn (French),Price
https://orvaly.example/neuf,Du neuf,Des chiffres.,2099-03-31,Bonjour.,1
https://orvaly.example/neuf,Encore,Des chiffres.,,,
{known},Connu,Des chiffres.,,,
https://orvaly.example/sans-titre,,Des chiffres.,evergreen,,
http://10.0.0.1/,Faux,,hier,,
"""


def _picture():
    drawn = BytesIO()
    Image.new("RGB", (1200, 630), "teal").save(drawn, "JPEG")
    return drawn.getvalue()
