from django.db import migrations

# What was handed in is what was decided on: it may be added to, never rewritten. Truncating is for
# who says so first, as for the trail: SET porte_voix.may_truncate = 'yes'
REFUSE = """
CREATE FUNCTION campaigns_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('porte_voix.may_truncate', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'campaigns_version is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER campaigns_version_append_only BEFORE UPDATE OR DELETE ON campaigns_version
    FOR EACH ROW EXECUTE FUNCTION campaigns_version_refuse();
CREATE TRIGGER campaigns_version_not_truncated BEFORE TRUNCATE ON campaigns_version
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_version_refuse();
"""
ALLOW = """
DROP TRIGGER campaigns_version_not_truncated ON campaigns_version;
DROP TRIGGER campaigns_version_append_only ON campaigns_version;
DROP FUNCTION campaigns_version_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0009_several_approvers")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
