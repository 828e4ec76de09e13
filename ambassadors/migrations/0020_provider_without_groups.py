from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0019_roles_of_providers_groups")]

    operations = [
        migrations.RemoveField(model_name="provider", name="manager_groups"),
        migrations.RemoveField(model_name="provider", name="admin_groups"),
    ]
