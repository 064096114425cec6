"""The audit trail: an append-only table the app may only call a function for."""

from django.conf import settings
from django.db import migrations, models

import ops.engines.audit.models
from ops.engines.audit.ddl import cut_first_partitions
from ops.engines.kernel.ddl import append_only, revoke

TABLES = """
CREATE TABLE audit_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    txid xid8 NOT NULL,
    actor_kind text NOT NULL,
    person_id bigint,
    user_id bigint,
    actor_name text NOT NULL,
    session text NOT NULL,
    request_id text NOT NULL,
    action text NOT NULL,
    object_type text NOT NULL,
    object_id text NOT NULL,
    body text NOT NULL,
    leaf bytea NOT NULL,
    CONSTRAINT fact_actor_kind_known CHECK (actor_kind IN ('person', 'system', 'import')),
    CONSTRAINT fact_person_is_named CHECK (actor_kind <> 'person' OR person_id IS NOT NULL),
    CONSTRAINT fact_action_given CHECK (action <> ''),
    CONSTRAINT fact_leaf_is_sha256 CHECK (octet_length(leaf) = 32)
) PARTITION BY RANGE (id);
CREATE INDEX audit_fact_object ON audit_fact (object_type, object_id, id);
CREATE INDEX audit_fact_action ON audit_fact (action, at);
CREATE INDEX audit_fact_person ON audit_fact (person_id, id);
CREATE INDEX audit_fact_recorded ON audit_fact USING brin (recorded_at);

CREATE TABLE audit_fieldchange (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    row_id text NOT NULL,
    field text NOT NULL,
    old text,
    new text,
    at timestamptz NOT NULL,
    person_id bigint,
    actor_name text NOT NULL,
    db_user text NOT NULL
);
CREATE INDEX audit_fieldchange_row ON audit_fieldchange (table_name, row_id, id);
"""

# Ranges of a million ids. Made beside the parent and then attached, because CREATE ... PARTITION OF
# locks every reader out. Whatever role owns a range, the app reaches it through the parent alone.
PARTITIONS = f"""
CREATE FUNCTION guifan_cut_partitions(parent text, ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET lock_timeout = '2s' AS $$
DECLARE
    size constant bigint := 1000000;
    newest bigint;
    taken boolean;
    part text;
    made integer := 0;
BEGIN
    IF ahead NOT BETWEEN 0 AND 24 OR NOT EXISTS (
        SELECT FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
         WHERE c.relname = parent AND c.relnamespace = 'public'::regnamespace
           AND p.partdefid = to_regclass(quote_ident(parent || '_rest'))
    ) THEN
        RAISE EXCEPTION 'guifan_cut_partitions: not for %', parent;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('guifan_cut_partitions'));
    EXECUTE format('SELECT coalesce(max(id), 0) FROM %I', parent) INTO newest;
    FOR k IN newest / size .. newest / size + ahead LOOP
        part := parent || '_' || lpad(k::text, 6, '0');
        CONTINUE WHEN to_regclass(quote_ident(part)) IS NOT NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id >= %s AND id < %s)',
                       parent || '_rest', k * size, (k + 1) * size) INTO taken;
        CONTINUE WHEN taken;
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING IDENTITY)', part, parent);
        EXECUTE format('REVOKE ALL ON %I FROM %I', part, '{settings.DB_APP_ROLE}');
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT'
                       ' EXECUTE FUNCTION guifan_append_only()', part || '_no_truncate', part);
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                       parent, part, k * size, (k + 1) * size);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
"""

# The text of ops/engines/audit/leaves.py, key by key in the same order.
CONTENT = """
CREATE FUNCTION audit_content(f audit_fact) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT '{"action":' || to_json(f.action)
        || ',"actor_kind":' || to_json(f.actor_kind)
        || ',"actor_name":' || to_json(f.actor_name)
        || ',"at":"' || to_char(f.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || '+00:00"'
        || ',"body":' || to_json(f.body)
        || ',"object_id":' || to_json(f.object_id)
        || ',"object_type":' || to_json(f.object_type)
        || ',"person_id":' || coalesce(f.person_id::text, 'null')
        || ',"recorded_at":"'
        || to_char(f.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')
        || '+00:00"'
        || ',"request_id":' || to_json(f.request_id)
        || ',"session":' || to_json(f.session)
        || ',"txid":"' || f.txid::text
        || '","user_id":' || coalesce(f.user_id::text, 'null')
        || ',"v":1}'
$$;
"""

APPEND = """
CREATE FUNCTION audit_append(
    at timestamptz, actor_kind text, person_id bigint, user_id bigint, actor_name text,
    session text, request_id text, action text, object_type text, object_id text, body text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    fact audit_fact;
    number bigint;
BEGIN
    fact.at := $1;
    fact.recorded_at := clock_timestamp();
    fact.txid := pg_current_xact_id();
    fact.actor_kind := $2;
    fact.person_id := $3;
    fact.user_id := $4;
    fact.actor_name := $5;
    fact.session := $6;
    fact.request_id := $7;
    fact.action := $8;
    fact.object_type := $9;
    fact.object_id := $10;
    fact.body := $11;
    INSERT INTO audit_fact (
        at, recorded_at, txid, actor_kind, person_id, user_id, actor_name, session, request_id,
        action, object_type, object_id, body, leaf
    ) VALUES (
        fact.at, fact.recorded_at, fact.txid, fact.actor_kind, fact.person_id, fact.user_id,
        fact.actor_name, fact.session, fact.request_id, fact.action, fact.object_type,
        fact.object_id, fact.body,
        sha256('\\x00'::bytea || convert_to(audit_content(fact), 'UTF8'))
    ) RETURNING id INTO number;
    RETURN number;
END $$;
"""

TRACK = """
CREATE FUNCTION audit_track_fields() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    actor jsonb := nullif(current_setting('guifan.actor', true), '')::jsonb;
    before jsonb := to_jsonb(OLD);
    after jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(NEW) END;
    moment timestamptz := clock_timestamp();
BEGIN
    INSERT INTO audit_fieldchange
        (table_name, row_id, field, old, new, at, person_id, actor_name, db_user)
    SELECT TG_TABLE_NAME, before->>'id', tracked.name, before->>tracked.name,
           after->>tracked.name, moment, (actor->>'person_id')::bigint,
           coalesce(actor->>'name', session_user), session_user
      FROM unnest(TG_ARGV) AS tracked(name)
     WHERE before->tracked.name IS DISTINCT FROM after->tracked.name;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    """Tables, the definer's function, the field-history trigger, the partitions."""

    initial = True
    dependencies = []

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(TABLES, "DROP TABLE audit_fieldchange; DROP TABLE audit_fact;")
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Fact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                primary_key=True, serialize=False, verbose_name="number"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="decided at")),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                        (
                            "txid",
                            ops.engines.audit.models.TransactionIdField(verbose_name="transaction"),
                        ),
                        (
                            "actor_kind",
                            models.TextField(
                                choices=[
                                    ("person", "person"),
                                    ("system", "system"),
                                    ("import", "import"),
                                ],
                                verbose_name="actor kind",
                            ),
                        ),
                        ("person_id", models.BigIntegerField(null=True, verbose_name="person")),
                        ("user_id", models.BigIntegerField(null=True, verbose_name="account")),
                        ("actor_name", models.TextField(verbose_name="actor")),
                        ("session", models.TextField(verbose_name="session")),
                        ("request_id", models.TextField(verbose_name="request id")),
                        ("action", models.TextField(verbose_name="action")),
                        ("object_type", models.TextField(verbose_name="object type")),
                        ("object_id", models.TextField(verbose_name="object")),
                        ("body", models.TextField(verbose_name="content")),
                        ("leaf", models.BinaryField(verbose_name="leaf hash")),
                    ],
                    options={
                        "verbose_name": "audit fact",
                        "verbose_name_plural": "audit facts",
                        "db_table": "audit_fact",
                    },
                ),
                migrations.CreateModel(
                    name="FieldChange",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                primary_key=True, serialize=False, verbose_name="number"
                            ),
                        ),
                        ("table_name", models.TextField(verbose_name="table")),
                        ("row_id", models.TextField(verbose_name="row")),
                        ("field", models.TextField(verbose_name="field")),
                        ("old", models.TextField(null=True, verbose_name="before")),
                        ("new", models.TextField(null=True, verbose_name="after")),
                        ("at", models.DateTimeField(verbose_name="changed at")),
                        ("person_id", models.BigIntegerField(null=True, verbose_name="person")),
                        ("actor_name", models.TextField(verbose_name="actor")),
                        ("db_user", models.TextField(verbose_name="database role")),
                    ],
                    options={
                        "verbose_name": "field change",
                        "verbose_name_plural": "field changes",
                        "db_table": "audit_fieldchange",
                    },
                ),
            ],
        ),
        migrations.RunSQL(PARTITIONS, "DROP FUNCTION guifan_cut_partitions(text, integer);"),
        append_only("audit_fact"),
        append_only("audit_fieldchange"),
        revoke("audit_fact", "INSERT"),
        revoke("audit_fieldchange", "INSERT"),
        cut_first_partitions("audit_fact"),
        migrations.RunSQL(CONTENT, "DROP FUNCTION audit_content(audit_fact);"),
        migrations.RunSQL(
            APPEND,
            "DROP FUNCTION audit_append(timestamptz, text, bigint, bigint, text, text, text, text,"
            " text, text, text);",
        ),
        migrations.RunSQL(TRACK, "DROP FUNCTION audit_track_fields();"),
    ]
