"""The sealed sequence and its anchors: written by the sealer's role alone, gapless, append-only."""

from django.conf import settings
from django.db import migrations, models

import ops.engines.audit.models
from ops.engines.kernel.ddl import append_only, grant, revoke

TABLES = """
CREATE TABLE audit_leaf (
    id bigint PRIMARY KEY,
    fact_id bigint NOT NULL CONSTRAINT leaf_one_place_per_fact UNIQUE,
    leaf bytea NOT NULL,
    CONSTRAINT leaf_place_counted_from_nought CHECK (id >= 0),
    CONSTRAINT leaf_is_sha256 CHECK (octet_length(leaf) = 32)
);
CREATE TABLE audit_anchor (
    id bigint PRIMARY KEY,
    first_leaf bigint NOT NULL,
    tree_size bigint NOT NULL,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    horizon xid8 NOT NULL,
    key_id text NOT NULL,
    next_key bytea,
    signature bytea NOT NULL,
    next_signature bytea,
    peaks bytea NOT NULL,
    CONSTRAINT anchor_numbered_from_one CHECK (id >= 1),
    CONSTRAINT anchor_tree_never_shrinks CHECK (first_leaf >= 0 AND tree_size >= first_leaf),
    CONSTRAINT anchor_hashes_are_sha256 CHECK (octet_length(root) = 32 AND octet_length(previous) = 32),
    CONSTRAINT anchor_peaks_fit_size CHECK (octet_length(peaks) = 32 * bit_count(tree_size::bit(64))),
    CONSTRAINT anchor_is_signed CHECK (octet_length(signature) = 64 AND key_id <> ''),
    CONSTRAINT anchor_handover_is_signed CHECK (
        (next_key IS NULL AND next_signature IS NULL)
        OR (octet_length(next_key) = 32 AND octet_length(next_signature) = 64)
    )
);
CREATE INDEX audit_fact_txid ON audit_fact (txid, id);
"""

FOLLOW = """
CREATE FUNCTION audit_leaves_follow() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    lowest bigint;
    highest bigint;
    many bigint;
BEGIN
    SELECT min(id), max(id), count(*) INTO lowest, highest, many FROM added;
    IF many > 0 AND (many <> highest - lowest + 1
        OR (lowest > 0 AND NOT EXISTS (SELECT FROM audit_leaf WHERE id = lowest - 1))) THEN
        RAISE EXCEPTION 'places of leaves have no gaps'
            USING ERRCODE = 'check_violation', TABLE = 'audit_leaf', CONSTRAINT = 'leaf_gapless';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_leaf_gapless AFTER INSERT ON audit_leaf REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION audit_leaves_follow();

CREATE FUNCTION audit_anchor_follows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    former audit_anchor;
    leaves bigint;
BEGIN
    SELECT * INTO former FROM audit_anchor ORDER BY id DESC LIMIT 1;
    SELECT coalesce(max(id) + 1, 0) INTO leaves FROM audit_leaf;
    IF NEW.id <> coalesce(former.id, 0) + 1
        OR NEW.first_leaf <> coalesce(former.tree_size, 0)
        OR NEW.tree_size <> leaves
        OR NEW.sealed_at < former.sealed_at
        OR NEW.horizon < former.horizon THEN
        RAISE EXCEPTION 'anchor % does not follow the one before it', NEW.id
            USING ERRCODE = 'check_violation', TABLE = 'audit_anchor', CONSTRAINT = 'anchor_follows';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_anchor_follows BEFORE INSERT ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_anchor_follows();
"""


class Migration(migrations.Migration):
    """Two tables, their order kept by triggers, and exactly what the sealer may do."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    TABLES,
                    "DROP INDEX audit_fact_txid; DROP TABLE audit_anchor; DROP TABLE audit_leaf;",
                )
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                primary_key=True, serialize=False, verbose_name="place"
                            ),
                        ),
                        (
                            "fact_id",
                            models.BigIntegerField(unique=True, verbose_name="audit fact"),
                        ),
                        ("leaf", models.BinaryField(verbose_name="leaf hash")),
                    ],
                    options={
                        "verbose_name": "sealed leaf",
                        "verbose_name_plural": "sealed leaves",
                        "db_table": "audit_leaf",
                    },
                ),
                migrations.CreateModel(
                    name="Anchor",
                    fields=[
                        (
                            "id",
                            models.BigIntegerField(
                                primary_key=True, serialize=False, verbose_name="number"
                            ),
                        ),
                        ("first_leaf", models.BigIntegerField(verbose_name="first leaf")),
                        ("tree_size", models.BigIntegerField(verbose_name="leaves")),
                        ("root", models.BinaryField(verbose_name="root")),
                        (
                            "previous",
                            models.BinaryField(verbose_name="hash of the anchor before"),
                        ),
                        ("sealed_at", models.DateTimeField(verbose_name="sealed at")),
                        (
                            "horizon",
                            ops.engines.audit.models.TransactionIdField(
                                verbose_name="transactions before"
                            ),
                        ),
                        ("key_id", models.TextField(verbose_name="key")),
                        (
                            "next_key",
                            models.BinaryField(null=True, verbose_name="key that follows"),
                        ),
                        ("signature", models.BinaryField(verbose_name="signature")),
                        (
                            "next_signature",
                            models.BinaryField(
                                null=True, verbose_name="signature of the key that follows"
                            ),
                        ),
                        ("peaks", models.BinaryField(verbose_name="peaks")),
                    ],
                    options={
                        "verbose_name": "audit anchor",
                        "verbose_name_plural": "audit anchors",
                        "db_table": "audit_anchor",
                    },
                ),
            ],
        ),
        migrations.RunSQL(
            FOLLOW,
            "DROP TRIGGER audit_anchor_follows ON audit_anchor;"
            " DROP TRIGGER audit_leaf_gapless ON audit_leaf;"
            " DROP FUNCTION audit_anchor_follows(); DROP FUNCTION audit_leaves_follow();",
        ),
        append_only("audit_leaf"),
        append_only("audit_anchor"),
        revoke("audit_leaf", "INSERT"),
        revoke("audit_anchor", "INSERT"),
        grant("audit_fact", "SELECT", to=settings.DB_SEALER_ROLE),
        grant("audit_leaf", "SELECT, INSERT", to=settings.DB_SEALER_ROLE),
        grant("audit_anchor", "SELECT, INSERT", to=settings.DB_SEALER_ROLE),
    ]
