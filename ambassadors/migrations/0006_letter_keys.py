from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0005_unaccent")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="letter_keys",
            field=models.BooleanField(default=True, verbose_name="shortcuts of one letter"),
        ),
    ]
