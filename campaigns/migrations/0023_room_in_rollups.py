"""Rows that grow with every batch find room on their own page, and their indexes stay as they are.

Without it a grown row moves to another page, and each of its indexes gets an entry more: adding up
took PostgreSQL longer than storing the clicks.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLES = "campaigns_hourtally", "campaigns_tally", "campaigns_daytotal"
LEAVE_ROOM = [f"ALTER TABLE {table} SET (fillfactor = 60)" for table in TABLES]
FULL = [f"ALTER TABLE {table} RESET (fillfactor)" for table in TABLES]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0022_kept_reports")]
    operations = [
        migrations.AlterField(
            model_name="hourtally",
            name="ambassador",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="hour_tallies",
                to="ambassadors.ambassador",
            ),
        ),
        migrations.RunSQL(LEAVE_ROOM, FULL),
    ]
