"""No passkey comes or goes untold: its fact stands in the same transaction, or nothing does (S22)."""

from django.conf import settings
from django.db import migrations

_APPEND = (
    "FUNCTION audit_append(timestamptz, text, bigint, bigint, text, text, text, text, text, text,"
    " text)"
)
TOLD = """
CREATE FUNCTION identity_passkey_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_fact
         WHERE object_type = 'identity.user' AND object_id = NEW.user_id::text
           AND txid = pg_current_xact_id()
           AND action = CASE WHEN TG_OP = 'INSERT' THEN 'identity.passkey_added'
                             ELSE 'identity.passkey_removed' END
           AND (body::jsonb ->> 'passkey')::bigint = NEW.id
    ) THEN
        RAISE EXCEPTION 'a passkey comes or goes with its fact'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'passkey_told';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER passkey_added_told AFTER INSERT ON identity_passkey
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity_passkey_told();
CREATE CONSTRAINT TRIGGER passkey_removed_told AFTER UPDATE OF removed_at ON identity_passkey
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity_passkey_told();
"""
UNTOLD = """
DROP TRIGGER passkey_removed_told ON identity_passkey;
DROP TRIGGER passkey_added_told ON identity_passkey;
DROP FUNCTION identity_passkey_told();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0108_given_by_proof"), ("audit", "0002_anchors")]
    operations = [
        migrations.RunSQL(
            f"GRANT EXECUTE ON {_APPEND} TO {settings.DB_AUTH_ROLE};",
            f"REVOKE EXECUTE ON {_APPEND} FROM {settings.DB_AUTH_ROLE};",
        ),
        migrations.RunSQL(TOLD, UNTOLD),
    ]
