"""A decision of somebody with a passkey carries the signature of just that decision."""

from django.db import migrations

SIGNED = """
CREATE FUNCTION approvals_decision_signed() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    proof identity_assertion%ROWTYPE;
    matter jsonb;
BEGIN
    SELECT * INTO proof FROM identity_assertion a WHERE a.id = NEW.assertion_id;
    IF proof.method = 'totp' AND identity_has_passkey(proof.user_id) THEN
        PERFORM approvals_refuse(
            'decision_signed_by_passkey', 'who has a passkey signs with it; a code is not enough');
    END IF;
    IF proof.method = 'passkey' THEN
        matter := proof.signed::jsonb -> 'matter';
        IF (matter ->> 'request', matter ->> 'step', matter ->> 'verdict') IS DISTINCT FROM
           (NEW.request_id::text, NEW.step::text, NEW.verdict::text) THEN
            PERFORM approvals_refuse(
                'decision_signed_as_made', 'the signature is over another decision');
        END IF;
    END IF;
    RETURN NULL;
END $$;
-- After the foreign keys, whose refusals say more.
CREATE TRIGGER zz_approvals_decision_signed AFTER INSERT ON approvals_decision
    FOR EACH ROW WHEN (NEW.assertion_id IS NOT NULL)
    EXECUTE FUNCTION approvals_decision_signed();
"""
NOT_SIGNED = """
DROP TRIGGER zz_approvals_decision_signed ON approvals_decision;
DROP FUNCTION approvals_decision_signed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approvals", "0004_wider_promises"),
        ("identity", "0106_passkey_promises"),
    ]

    operations = [migrations.RunSQL(SIGNED, NOT_SIGNED)]
