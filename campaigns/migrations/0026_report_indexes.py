from django.db import migrations, models
from django.db.models import Q

REQUIRED = """
ALTER TABLE campaigns_share ALTER content_id SET NOT NULL, ALTER network_id SET NOT NULL;
"""
OPTIONAL = """
ALTER TABLE campaigns_share ALTER content_id DROP NOT NULL, ALTER network_id DROP NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0025_fill_report_totals")]
    operations = [
        migrations.RunSQL(REQUIRED, OPTIONAL),
        migrations.RemoveIndex("share", "share_by_declaration"),
        migrations.AddIndex(
            "share",
            models.Index(
                condition=Q(declared_at__isnull=False),
                fields=["declared_at"],
                include=("content", "network", "caption", "is_own_words", "seen_at"),
                name="share_declared",
            ),
        ),
        migrations.AddIndex(
            "share",
            models.Index(
                condition=Q(declared_at=None, dismissed_at=None),
                fields=["opened_at"],
                include=("content", "network"),
                name="share_unanswered",
            ),
        ),
        migrations.AddIndex(
            "link",
            models.Index(
                condition=Q(ambassador__isnull=False),
                fields=["network", "ambassador"],
                name="link_by_network_and_owner",
            ),
        ),
    ]
