from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login

from ambassadors.accounts.sso.door import local_login_refused
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
