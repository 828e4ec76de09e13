from django.db import migrations

# One change to a version is let through: its author becomes an account that stands for somebody
# who was erased (ambassadors/accounts/erased.py). Not a word of what was handed in changes.
REFUSE = """
CREATE OR REPLACE FUNCTION campaigns_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('porte_voix.may_truncate', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'by_id' = to_jsonb(OLD) - 'by_id' AND EXISTS (
            SELECT 1 FROM ambassadors_user WHERE id = NEW.by_id AND email LIKE '%@erased.invalid'
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'campaigns_version is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION campaigns_version_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('porte_voix.may_truncate', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'campaigns_version is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0028_audience_who")]
    operations = [migrations.RunSQL(REFUSE, AS_BEFORE)]
