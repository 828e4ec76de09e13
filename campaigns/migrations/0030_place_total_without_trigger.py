"""Who adds to DayTotal adds to PlaceTotal in the same statement: the trigger cost ingest more for a
click than the statement that set it off.
"""

from importlib import import_module

from django.db import migrations

totals = import_module("campaigns.migrations.0024_report_totals")

LEAVE_ROOM = "ALTER TABLE campaigns_placetotal SET (fillfactor = 60)"
FULL = "ALTER TABLE campaigns_placetotal RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0029_versions_of_erased_people")]
    operations = [
        migrations.RunSQL(totals.DROP_FOLLOW, totals.FOLLOW),
        migrations.RunSQL(LEAVE_ROOM, FULL),
    ]
