"""Who may write a proof, and what of an account never moves."""

from django.conf import settings
from django.db import migrations

from ops.engines.kernel.ddl import append_only, grant, revoke

AUTH = settings.DB_AUTH_ROLE

# A sealed secret opens only beside its account's uuid: neither may travel, nor a used code return.
FIXED = """
CREATE FUNCTION identity_user_fixed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.uuid, NEW.person_id) IS DISTINCT FROM (OLD.uuid, OLD.person_id) THEN
        RAISE EXCEPTION 'an account stays with its person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_stays_with_person';
    END IF;
    IF NEW.totp_last_counter < OLD.totp_last_counter THEN
        RAISE EXCEPTION 'a one-time code is used once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_code_never_back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_user_fixed
    BEFORE UPDATE OF uuid, person_id, totp_last_counter ON identity_user
    FOR EACH ROW EXECUTE FUNCTION identity_user_fixed();
"""
NO_FIXED = """
DROP TRIGGER identity_user_fixed ON identity_user;
DROP FUNCTION identity_user_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_step_up_assertion")]

    operations = [
        append_only("identity_assertion"),
        revoke("identity_assertion", "INSERT"),
        # Not its id, not its time: those are the database's own.
        grant(
            "identity_assertion",
            "INSERT (person_id, user_id, purpose, payload_hash, method, counter), SELECT",
            to=AUTH,
        ),
        grant(
            "identity_user",
            "SELECT (id, uuid, person_id, is_active, totp_secret, totp_confirmed_at,"
            " totp_last_counter), UPDATE (totp_last_counter)",
            to=AUTH,
        ),
        grant("identity_signintry", "SELECT, INSERT, UPDATE (succeeded)", to=AUTH),
        migrations.RunSQL(FIXED, NO_FIXED),
    ]
