from django.db import migrations

# A trail that can be rewritten proves nothing. Truncating is for a demo that starts again and for
# tests that clear the table; whoever does it says so first, on their own connection:
# SET porte_voix.may_truncate = 'yes'
REFUSE = """
CREATE FUNCTION activity_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('porte_voix.may_truncate', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'activity_entry is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER activity_entry_append_only BEFORE UPDATE OR DELETE ON activity_entry
    FOR EACH ROW EXECUTE FUNCTION activity_entry_refuse();
CREATE TRIGGER activity_entry_not_truncated BEFORE TRUNCATE ON activity_entry
    FOR EACH STATEMENT EXECUTE FUNCTION activity_entry_refuse();
"""
ALLOW = """
DROP TRIGGER activity_entry_not_truncated ON activity_entry;
DROP TRIGGER activity_entry_append_only ON activity_entry;
DROP FUNCTION activity_entry_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_delivery")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
