"""Where people's QR codes and the programme's own links are counted: offered to nobody."""

from django.db import migrations

PLACES = [
    {"slug": "qr", "name": "Code QR", "name_en": "QR code"},
    {"slug": "programme", "name": "Adresses du programme", "name_en": "Programme links"},
    {
        "slug": "programme-qr",
        "name": "Codes QR du programme",
        "name_en": "Programme QR codes",
    },
]
# After every network that people choose from.
AFTER = 900


def seed(apps, schema_editor):
    Network = apps.get_model("campaigns", "Network")
    for position, row in enumerate(PLACES, start=AFTER):
        fixed = {"prefill": "copy", "position": position, "is_active": False}
        Network.objects.get_or_create(slug=row["slug"], defaults=row | fixed)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0016_short_addresses")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
