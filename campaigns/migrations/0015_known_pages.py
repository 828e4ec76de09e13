from django.db import migrations

from campaigns.content.addresses import page_key

# Tracking that was not known as such when the keys were made.
TRACKED = "(mkt_tok|xtor|at_medium|at_campaign|_hsenc|_hsmi)="


def fill(apps, schema_editor):
    Content, Proposal = (apps.get_model("campaigns", name) for name in ("Content", "Proposal"))
    for content in Content.objects.filter(url__regex=TRACKED).only("url").iterator():
        Content.objects.filter(pk=content.pk).update(page_key=page_key(content.url))
    waiting = set()
    for proposal in Proposal.objects.filter(page_key="").order_by("created_at"):
        key = page_key(proposal.url)
        # The second of two that wait for the same page stays without.
        if proposal.state != "received" or key not in waiting:
            Proposal.objects.filter(pk=proposal.pk).update(page_key=key)
        waiting.add(key)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0014_reading_sources")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
