import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0008_endpoints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hours",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hours",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "via",
                    models.CharField(
                        choices=[
                            ("email", "By e-mail"),
                            ("push", "As a notification on my devices"),
                        ],
                        default="email",
                        max_length=10,
                        verbose_name="where we write to you",
                    ),
                ),
                (
                    "quiet_from",
                    models.TimeField(default=datetime.time(18, 0), verbose_name="quiet from"),
                ),
                (
                    "quiet_until",
                    models.TimeField(default=datetime.time(7, 30), verbose_name="until"),
                ),
                (
                    "weekends",
                    models.BooleanField(default=False, verbose_name="write to me on weekends too"),
                ),
                (
                    "region",
                    models.CharField(blank=True, max_length=8, verbose_name="public holidays"),
                ),
                ("away_from", models.DateField(blank=True, null=True, verbose_name="away from")),
                ("away_until", models.DateField(blank=True, null=True, verbose_name="to")),
            ],
        ),
        migrations.AddField(
            model_name="notification",
            name="turn",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="week",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="within",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="notification",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Waiting for their hours"),
                    ("queued", "Queued"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("skipped", "Skipped"),
                    ("unknown", "Unknown"),
                    ("merged", "Within another"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "held")),
                fields=["recipient"],
                name="notification_held",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "merged")),
                fields=["within"],
                name="notification_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("turn__isnull", False)),
                fields=("recipient", "week", "turn"),
                name="notification_turn_once_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("turn", None), ("week", None)),
                    models.Q(("turn__isnull", False), ("week__isnull", False)),
                    _connector="OR",
                ),
                name="notification_turn_is_of_a_week",
            ),
        ),
        migrations.AddConstraint(
            model_name="hours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("away_from", None), ("away_until", None)),
                    models.Q(
                        ("away_from__isnull", False), ("away_until__gte", models.F("away_from"))
                    ),
                    _connector="OR",
                ),
                name="hours_leave_has_two_ends",
            ),
        ),
    ]
