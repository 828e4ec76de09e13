from django.db import migrations

from campaigns.content.addresses import page_key


def fill(apps, schema_editor):
    Content = apps.get_model("campaigns", "Content")
    rows = list(Content.objects.filter(page_key="").only("url"))
    for content in rows:
        content.page_key = page_key(content.url)
    Content.objects.bulk_update(rows, ["page_key"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0007_sources_evidence_recall")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
