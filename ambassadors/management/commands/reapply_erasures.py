from django.core.management.base import BaseCommand

from ambassadors.privacy.erasing import again


class Command(BaseCommand):
    help = "After a backup was restored: erases once more whoever had been erased since."

    def handle(self, *args, **options):
        self.stdout.write(f"{again()} people were back, and are erased again.")
