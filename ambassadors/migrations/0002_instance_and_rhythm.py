from django.db import migrations, models

import ambassadors.enrolment.models


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0001_initial")]
    operations = [
        migrations.AlterModelOptions(name="consent", options={"ordering": ["-at", "-pk"]}),
        migrations.AddField(
            model_name="ambassador",
            name="instance",
            field=models.CharField(blank=True, max_length=253),
        ),
        migrations.AddField(
            model_name="ambassador",
            name="rhythm_chosen",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="nonce",
            field=models.CharField(
                default=ambassadors.enrolment.models.new_nonce, editable=False, max_length=40
            ),
        ),
    ]
