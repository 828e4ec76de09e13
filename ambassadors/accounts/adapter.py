from allauth.account.adapter import DefaultAccountAdapter

from ambassadors.templatetags.wording import sentence


class AccountAdapter(DefaultAccountAdapter):
    """People come in by invitation: nobody signs up by themselves."""

    def is_open_for_signup(self, request):
        return False

    def format_email_subject(self, subject):
        return sentence(super().format_email_subject(subject))
