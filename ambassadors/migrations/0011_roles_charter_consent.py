from django.db import migrations, models

# What somebody agreed to is not to be rewritten, nor what they read when they did. Rows go with
# the person's erasure, which leaves a proof of its own.
REFUSE = """
CREATE FUNCTION ambassadors_consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER ambassadors_consent_append_only BEFORE UPDATE ON ambassadors_consent
    FOR EACH ROW EXECUTE FUNCTION ambassadors_consent_refuse();
"""
ALLOW = """
DROP TRIGGER ambassadors_consent_append_only ON ambassadors_consent;
DROP FUNCTION ambassadors_consent_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0010_sign_up")]
    operations = [
        migrations.AddField(
            model_name="charter",
            name="belonging",
            field=models.CharField(
                choices=[("employee", "Employee"), ("customer", "Customer")],
                default="employee",
                max_length=8,
                verbose_name="for whom",
            ),
        ),
        migrations.AddField(
            model_name="charter",
            name="working_time_en",
            field=models.CharField(
                blank=True, max_length=400, verbose_name="working time, in English"
            ),
        ),
        migrations.AddField(
            model_name="charter",
            name="working_time_fr",
            field=models.CharField(
                blank=True, max_length=400, verbose_name="working time, in French"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="network",
            field=models.CharField(blank=True, default="", max_length=43),
        ),
        migrations.AddField(
            model_name="user",
            name="belonging",
            field=models.CharField(
                choices=[("employee", "Employee"), ("customer", "Customer")],
                default="employee",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="is_limited",
            field=models.BooleanField(default=False, verbose_name="limited to departments"),
        ),
        migrations.AddField(
            model_name="user",
            name="oversees",
            field=models.ManyToManyField(
                blank=True,
                related_name="overseers",
                to="ambassadors.department",
                verbose_name="departments",
            ),
        ),
        migrations.AlterField(
            model_name="charter",
            name="text_en",
            field=models.TextField(blank=True, verbose_name="text in English"),
        ),
        migrations.AlterField(
            model_name="charter",
            name="text_fr",
            field=models.TextField(blank=True, verbose_name="text in French"),
        ),
        migrations.AlterField(
            model_name="charter",
            name="version",
            field=models.PositiveIntegerField(),
        ),
        migrations.AlterField(
            model_name="consent",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("participation", "Taking part"),
                    ("audience_band", "Giving the size of one’s audience"),
                    ("leaderboard", "Being named in a leaderboard"),
                    ("manager_view", "Showing one’s own figures to one’s manager"),
                    ("conversions", "Seeing which results came from one’s own links"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["user", "purpose", "-at"], name="consent_last_word"),
        ),
        migrations.AddConstraint(
            model_name="charter",
            constraint=models.UniqueConstraint(
                fields=("belonging", "version"), name="charter_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="charter",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at", None)),
                fields=("belonging",),
                name="charter_one_draft_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="charter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at", None),
                    models.Q(("text_fr", ""), ("text_en", ""), _connector="OR", _negated=True),
                    _connector="OR",
                ),
                name="charter_published_in_both_languages",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_limited", False), ("role", "manager"), _connector="OR"),
                name="user_limited_is_manager",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("belonging__in", ["employee", "customer"])),
                name="user_belonging_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("belonging", "employee"), ("role", "ambassador"), _connector="OR"
                ),
                name="user_customer_runs_nothing",
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
