"""What a provider's groups give moves to the table of groups and roles that SCIM reads too.

Where two said different things of one group, the lower role stays: nobody rises by an update.
"""

from django.db import migrations

RANK = {"ambassador": 0, "manager": 1, "admin": 2}


def move(apps, schema_editor):
    GroupRole = apps.get_model("ambassadors", "GroupRole")
    said = {line.group.lower(): (line.group, line.role) for line in GroupRole.objects.all()}
    for provider in apps.get_model("ambassadors", "Provider").objects.exclude(groups_claim=""):
        # The administrators' list went before the managers'.
        own = dict.fromkeys(provider.manager_groups, "manager")
        own |= dict.fromkeys(provider.admin_groups, "admin")
        for group, role in own.items():
            known = said.get(group.lower(), (group, role))
            said[group.lower()] = min(known, (known[0], role), key=lambda each: RANK[each[1]])
    GroupRole.objects.all().delete()
    GroupRole.objects.bulk_create(
        GroupRole(group=group, role=role) for group, role in said.values()
    )


class Migration(migrations.Migration):
    dependencies = [("ambassadors", "0018_sessions_without_whole_address")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
