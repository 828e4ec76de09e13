from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from ambassadors.accounts.models import User


class Command(BaseCommand):
    help = "Makes the first administrator, who then logs in with a code by mail."

    def add_arguments(self, parser):
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *, email, **options):
        if User.objects.active().admins().exists():
            raise CommandError("There is an administrator already: ask them.")
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from None
        user = User.objects.create_superuser(email)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        self.stdout.write(f"{user.email} can now log in with a code by mail.")
