from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from activity.log import record
from ambassadors.accounts.models import User


class Command(BaseCommand):
    help = "Takes away the second step of somebody who lost theirs, and logs them out everywhere."

    def add_arguments(self, parser):
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, email, **options):
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the address {email}.") from None
        gone, _kinds = Authenticator.objects.filter(user=user).delete()
        for session in UserSession.objects.filter(user=user):
            session.end()
        record("user.second_step_reset", subject=user, actor=None)
        self.stdout.write(f"{email}: {gone} taken away. At the next login they set up a new one.")
