from importlib import import_module

from django.db import migrations

totals = import_module("campaigns.migrations.0024_report_totals")

# Setting them sets the trigger off, which knows the values.
SHARES = "UPDATE campaigns_share SET content_id = NULL WHERE content_id IS NULL"
PLACES = f"""
INSERT INTO campaigns_placetotal (day, content_id, network_id, campaign_id, {totals.NAMES})
{totals.PLACES.format(rows="campaigns_daytotal")}
"""
NONE = "DELETE FROM campaigns_placetotal"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0024_report_totals")]
    operations = [
        migrations.RunSQL(SHARES, migrations.RunSQL.noop),
        migrations.RunSQL(PLACES, NONE),
    ]
