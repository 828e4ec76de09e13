from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0032_board_setting"),
    ]

    operations = [
        migrations.AddField(
            model_name="headcount",
            name="is_customers",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RemoveConstraint(
            model_name="headcount",
            name="head_count_once_per_day_and_group",
        ),
        migrations.AddConstraint(
            model_name="headcount",
            constraint=models.UniqueConstraint(
                fields=["day", "department", "location", "is_customers"],
                name="head_count_once_per_day_group_and_kind",
                nulls_distinct=False,
            ),
        ),
    ]
