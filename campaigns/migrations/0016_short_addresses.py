import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0015_known_pages")]
    operations = [
        migrations.AddField(
            model_name="link",
            name="kind",
            field=models.CharField(
                choices=[("personal", "Personal"), ("programme", "Programme")],
                default="personal",
                db_default="personal",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                fields=["content", "network"],
                condition=Q(kind="programme"),
                name="link_one_of_the_programme_per_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=Q(kind="personal") | Q(ambassador=None),
                name="link_of_the_programme_is_nobodys",
            ),
        ),
        migrations.CreateModel(
            name="ShortAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True)),
                ("is_on", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "content",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="campaigns.content",
                    ),
                ),
            ],
            options={
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(code__regex="^[a-z0-9]+(-[a-z0-9]+)*$")
                        & ~Q(code__regex="^[0-9A-Za-z]{8}$"),
                        name="address_is_readable_and_nobodys",
                    )
                ],
            },
        ),
    ]
