"""People are found without their accents."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0004_imports")]
    operations = [UnaccentExtension()]
