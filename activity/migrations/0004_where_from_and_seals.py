import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The trigger's words name the table, so that both may use them.
NAMED = """
CREATE OR REPLACE FUNCTION activity_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('porte_voix.may_truncate', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
"""
REFUSE = """
CREATE TRIGGER activity_seal_append_only BEFORE UPDATE OR DELETE ON activity_seal
    FOR EACH ROW EXECUTE FUNCTION activity_entry_refuse();
CREATE TRIGGER activity_seal_not_truncated BEFORE TRUNCATE ON activity_seal
    FOR EACH STATEMENT EXECUTE FUNCTION activity_entry_refuse();
"""
ALLOW = """
DROP TRIGGER activity_seal_not_truncated ON activity_seal;
DROP TRIGGER activity_seal_append_only ON activity_seal;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0003_entry_is_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "entry",
            "network",
            models.CharField(blank=True, default="", max_length=43),
            preserve_default=False,
        ),
        migrations.AddField(
            "entry",
            "device",
            models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddIndex("entry", models.Index(fields=["actor", "id"], name="entry_actor")),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="seal",
                        to="activity.entry",
                    ),
                ),
                ("digest", models.BinaryField(max_length=32)),
            ],
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
