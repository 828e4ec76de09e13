"""What was counted before there were hours and totals, counted there too."""

from django.conf import settings
from django.db import migrations

HOURS = """
INSERT INTO campaigns_hourtally (hour, link_id, kind, department_id, ambassador_id,
                                 content_id, campaign_id, network_id, clicks, uniques)
SELECT date_trunc('hour', click.at, %s), click.link_id, click.kind, click.department_id,
       link.ambassador_id, link.content_id, content.campaign_id, link.network_id,
       count(*), count(*) FILTER (WHERE click.is_first)
FROM campaigns_click click
JOIN campaigns_link link ON link.id = click.link_id
JOIN campaigns_content content ON content.id = link.content_id
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
TOTALS = """
INSERT INTO campaigns_daytotal (day, kind, department_id, content_id, campaign_id, network_id,
                                clicks, uniques)
SELECT day, kind, department_id, content_id, max(campaign_id), network_id,
       sum(clicks), sum(uniques)
FROM campaigns_tally
GROUP BY day, kind, department_id, content_id, network_id
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HOURS, [settings.TIME_ZONE])
        cursor.execute(TOTALS)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0019_hour_tally_and_day_total")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
