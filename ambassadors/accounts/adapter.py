from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activity import origin
from ambassadors.accounts import second_step
from ambassadors.accounts.devices import Device
from ambassadors.accounts.security_notices import tell_changed, tell_new_device
from ambassadors.accounts.sso.door import local_login_refused
from ambassadors.accounts.stepup import is_fresh
from ambassadors.templatetags.wording import sentence


class AccountAdapter(DefaultAccountAdapter):
    """People come in by invitation: nobody signs up by themselves."""

    def is_open_for_signup(self, request):
        return False

    def format_email_subject(self, subject):
        return sentence(super().format_email_subject(subject))

    def pre_login(self, request, user, *, signal_kwargs, **kwargs):
        """Every way in passes here once it has shown who comes: password, code, invitation."""
        closed = super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        if closed:
            return closed
        refused = local_login_refused(request, user, signal_kwargs)
        if refused:
            clear_login(request)
        return refused

    def post_login(self, request, user, **kwargs):
        if Device.objects.note(user, origin.current()):
            tell_new_device(user)
        return super().post_login(request, user, **kwargs)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """One mail of ours for all that allauth reports; its own would tell the whole address."""
        tell_changed(user, template_prefix.rpartition("/")[2])

    def is_reauthentication_required(self, *, app, **kwargs):
        """A login of a moment ago is enough for allauth's own pages too."""
        return not is_fresh(context.request)

    def get_reauthentication_methods(self, user):
        """A code by mail for who has no second step: that step would be worth no more than mail."""
        passkey = reverse("mfa_reauthenticate_webauthn")
        methods = super().get_reauthentication_methods(user)
        # The first is the one that is asked for, the others are offered beside it.
        methods.sort(key=lambda each: each["url"] != passkey)
        if user.is_authenticated and not second_step.steps_of(user).exists():
            by_mail = {
                "id": "confirm_code",
                # Translators: fr: Recevoir un code par courriel
                "description": _("Receive a code by e-mail"),
                "url": reverse("ambassadors:confirm-code"),
            }
            methods.append(by_mail)
        return methods
