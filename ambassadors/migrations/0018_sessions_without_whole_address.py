"""Of the address a session comes from, only the neighbourhood is kept: a /24, of IPv6 a /48.

The table is django-allauth's, and it writes the whole address in several places; a trigger is the
one place that none of them gets past. As activity/origin.py, and as the page of sessions shows it.
"""

from django.db import migrations

SHORTEN = """
CREATE FUNCTION ambassadors_shorten_session_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.ip := host(network(set_masklen(NEW.ip, CASE family(NEW.ip) WHEN 4 THEN 24 ELSE 48 END)));
    RETURN NEW;
END $$;
CREATE TRIGGER session_address_is_short BEFORE INSERT OR UPDATE ON usersessions_usersession
    FOR EACH ROW EXECUTE FUNCTION ambassadors_shorten_session_address();
"""
FORGET = """
DROP TRIGGER session_address_is_short ON usersessions_usersession;
DROP FUNCTION ambassadors_shorten_session_address();
"""
# The trigger shortens what is there already.
SHORTEN_ALL = "UPDATE usersessions_usersession SET ip = ip;"


class Migration(migrations.Migration):
    dependencies = [
        ("ambassadors", "0017_import_schedule_and_moves"),
        ("usersessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(SHORTEN, FORGET),
        migrations.RunSQL(SHORTEN_ALL, migrations.RunSQL.noop),
    ]
