import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

COLUMNS = """
ALTER TABLE campaigns_share ADD COLUMN content_id bigint, ADD COLUMN network_id bigint;
"""
DROP_COLUMNS = """
ALTER TABLE campaigns_share DROP COLUMN content_id, DROP COLUMN network_id;
"""
# A link never changes what it is about, so the copy cannot grow old. Set from the link whatever
# the statement says: who writes a share need not know.
COPY = """
CREATE FUNCTION campaigns_share_copy_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT link.content_id, link.network_id INTO NEW.content_id, NEW.network_id
    FROM campaigns_link link WHERE link.id = NEW.link_id;
    RETURN NEW;
END;
$$;
CREATE TRIGGER campaigns_share_place
    BEFORE INSERT OR UPDATE OF link_id, content_id, network_id ON campaigns_share
    FOR EACH ROW EXECUTE FUNCTION campaigns_share_copy_place();
"""
DROP_COPY = """
DROP TRIGGER campaigns_share_place ON campaigns_share;
DROP FUNCTION campaigns_share_copy_place();
"""
KINDS = {
    "human": "human",
    "repeat": "repeat",
    "own": "self",
    "bot": "bot",
    "preview": "preview",
    "scanner": "scanner",
    "prefetch": "prefetch",
}
NAMES = ", ".join(["uniques", *KINDS])
SUMS = ", ".join(
    [
        "sum(uniques) AS uniques",
        *(
            f"coalesce(sum(clicks) FILTER (WHERE kind = '{kind}'), 0) AS {name}"
            for name, kind in KINDS.items()
        ),
    ]
)
LESS = ", ".join(f"{name} = total.{name} - gone.{name}" for name in ["uniques", *KINDS])
MORE = ", ".join(f"{name} = total.{name} + EXCLUDED.{name}" for name in ["uniques", *KINDS])
PLACES = f"""
SELECT day, content_id, network_id, max(campaign_id) AS campaign_id, {SUMS}
FROM {{rows}} GROUP BY day, content_id, network_id
"""  # noqa: S608 -- our own names
# By statement and not by row: a batch of 5,000 clicks changes the totals once.
FOLLOW = f"""
CREATE FUNCTION campaigns_placetotal_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE campaigns_placetotal AS total SET {LESS}
        FROM ({PLACES.format(rows="old_rows")}) gone
        WHERE total.day = gone.day AND total.content_id = gone.content_id
          AND total.network_id = gone.network_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO campaigns_placetotal AS total
               (day, content_id, network_id, campaign_id, {NAMES})
        {PLACES.format(rows="new_rows")} ORDER BY 1, 2, 3
        ON CONFLICT (day, content_id, network_id)
        DO UPDATE SET campaign_id = EXCLUDED.campaign_id, {MORE};
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER campaigns_daytotal_inserted AFTER INSERT ON campaigns_daytotal
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_placetotal_follow();
CREATE TRIGGER campaigns_daytotal_updated AFTER UPDATE ON campaigns_daytotal
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_placetotal_follow();
CREATE TRIGGER campaigns_daytotal_deleted AFTER DELETE ON campaigns_daytotal
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_placetotal_follow();
"""  # noqa: S608 -- our own names
DROP_FOLLOW = """
DROP TRIGGER campaigns_daytotal_inserted ON campaigns_daytotal;
DROP TRIGGER campaigns_daytotal_updated ON campaigns_daytotal;
DROP TRIGGER campaigns_daytotal_deleted ON campaigns_daytotal;
DROP FUNCTION campaigns_placetotal_follow();
"""
BANDS = [
    ("", "I’d rather not say"),
    ("0-200", "Up to 200"),
    ("200-500", "200 to 500"),
    ("500-1000", "500 to 1,000"),
    ("1000+", "Over 1,000"),
]


def place(name, **options):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to=f"campaigns.{name}",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0023_room_in_rollups")]
    operations = [
        migrations.CreateModel(
            name="AudienceCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("band", models.CharField(blank=True, choices=BANDS, max_length=10)),
                ("active_7", models.PositiveIntegerField(default=0)),
                ("active_28", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "band"), name="audience_count_once_per_day"
                    ),
                    models.CheckConstraint(
                        condition=Q(active_7__lte=F("active_28")),
                        name="audience_count_7_within_28",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="PlaceTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("uniques", models.IntegerField(default=0)),
                *((name, models.IntegerField(default=0)) for name in KINDS),
                ("campaign", place("campaign")),
                ("content", place("content")),
                ("network", place("network")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "content", "network"),
                        name="place_total_one_per_day_and_place",
                    )
                ]
            },
        ),
        # The columns' defaults are Django's own; the function names every column.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField("share", "content", place("content", editable=False)),
                migrations.AddField("share", "network", place("network", editable=False)),
            ],
            database_operations=[migrations.RunSQL(COLUMNS, DROP_COLUMNS)],
        ),
        migrations.RunSQL(COPY, DROP_COPY),
        migrations.RunSQL(FOLLOW, DROP_FOLLOW),
    ]
