"""Who may write a passkey and what it signs; what of both never moves."""

from django.conf import settings
from django.db import migrations

from ops.engines.kernel.ddl import append_only, grant, permanent, revoke

AUTH = settings.DB_AUTH_ROLE

# A key stays its account's and itself; its counter and its end never go back.
FIXED = """
CREATE FUNCTION identity_passkey_fixed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.user_id, NEW.credential_id, NEW.credential, NEW.name, NEW.made_at)
       IS DISTINCT FROM (OLD.user_id, OLD.credential_id, OLD.credential, OLD.name, OLD.made_at) THEN
        RAISE EXCEPTION 'a passkey stays what it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'passkey_stays';
    END IF;
    IF NEW.sign_count < OLD.sign_count THEN
        RAISE EXCEPTION 'the counter of a passkey goes up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'passkey_counter_never_back';
    END IF;
    IF OLD.removed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a passkey that was removed stays removed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'passkey_removed_for_good';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER identity_passkey_fixed BEFORE UPDATE ON identity_passkey
    FOR EACH ROW EXECUTE FUNCTION identity_passkey_fixed();
"""
NO_FIXED = """
DROP TRIGGER identity_passkey_fixed ON identity_passkey;
DROP FUNCTION identity_passkey_fixed();
"""

# The same sentence as `selectors.live_passkeys`.
LIVE = """
CREATE FUNCTION identity_has_passkey(account bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM identity_passkey k JOIN identity_user u ON u.id = k.user_id
        WHERE k.user_id = account AND k.removed_at IS NULL AND u.is_active
          AND k.made_at >= u.totp_confirmed_at)
$$;
"""

# What was signed is what the row says, and the key was this account's.
SIGNED = """
ALTER TABLE identity_assertion ADD CONSTRAINT assertion_by_own_passkey
    FOREIGN KEY (passkey_id, user_id) REFERENCES identity_passkey (id, user_id);
ALTER TABLE identity_assertion ADD CONSTRAINT assertion_signs_what_it_says CHECK (
    method <> 'passkey' OR (
        client_data::jsonb ->> 'challenge' = translate(
            rtrim(encode(sha256(convert_to(signed, 'UTF8')), 'base64'), '='), '+/', '-_')
        AND client_data::jsonb ->> 'type' = 'webauthn.get'
        AND signed::jsonb ->> 'payload' = payload_hash
        AND signed::jsonb ->> 'purpose' = purpose
        AND (signed::jsonb ->> 'user')::bigint = user_id));
"""
NOT_SIGNED = """
ALTER TABLE identity_assertion DROP CONSTRAINT assertion_signs_what_it_says;
ALTER TABLE identity_assertion DROP CONSTRAINT assertion_by_own_passkey;
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0105_passkeys")]

    operations = [
        permanent("identity_passkey"),
        revoke("identity_passkey", "INSERT, UPDATE, DELETE"),
        # Not its id, not its time: those are the database's own.
        grant(
            "identity_passkey",
            "SELECT, INSERT (user_id, credential_id, credential, name, sign_count),"
            " UPDATE (sign_count, used_at, removed_at)",
            to=AUTH,
        ),
        append_only("identity_spentchallenge"),
        revoke("identity_spentchallenge", "INSERT"),
        grant("identity_spentchallenge", "INSERT (digest), SELECT", to=AUTH),
        grant(
            "identity_assertion",
            "INSERT (passkey_id, signed, client_data, authenticator_data, signature)",
            to=AUTH,
        ),
        migrations.RunSQL(FIXED, NO_FIXED),
        migrations.RunSQL(LIVE, "DROP FUNCTION identity_has_passkey(bigint);"),
        migrations.RunSQL(SIGNED, NOT_SIGNED),
    ]
