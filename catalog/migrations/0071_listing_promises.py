"""Nothing on a shelf without an approval, nothing off it without a reason: kept by the database."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import append_only, revoke
from ops.engines.revisions.ddl import revised_kind

# A word, and what is forbidden, is ended by its last day; it is never rewritten.
ENDED = """
CREATE FUNCTION catalog_entry_only_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.until IS NOT NULL OR NEW.until IS NULL
       OR to_jsonb(NEW) - 'until' IS DISTINCT FROM to_jsonb(OLD) - 'until' THEN
        PERFORM catalog_refuse(TG_TABLE_NAME || '_only_ended', 'an entry changes by its end alone');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_listedword_only_ended BEFORE UPDATE ON catalog_listedword
    FOR EACH ROW EXECUTE FUNCTION catalog_entry_only_ended();
CREATE TRIGGER catalog_forbiddengoods_only_ended BEFORE UPDATE ON catalog_forbiddengoods
    FOR EACH ROW EXECUTE FUNCTION catalog_entry_only_ended();
"""
NO_ENDED = """
DROP TRIGGER catalog_forbiddengoods_only_ended ON catalog_forbiddengoods;
DROP TRIGGER catalog_listedword_only_ended ON catalog_listedword;
DROP FUNCTION catalog_entry_only_ended();
"""

SHELF = """
CREATE FUNCTION catalog_listingshelf_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM fresh n
        LEFT JOIN catalog_listing l ON l.id = n.listing_id
              AND l.product_id = n.product_id AND l.channel_id = n.channel_id
        WHERE l.id IS NULL OR n.delisting_id IS NOT NULL OR l.retired_at IS NOT NULL) THEN
        PERFORM catalog_refuse('listingshelf_of_its_listing', 'not the goods of this listing');
    END IF;
    -- Back on the shelf by a review of everything: the parts of a mere edit are not enough.
    IF EXISTS (
        SELECT 1 FROM fresh n JOIN approvals_request r ON r.id = n.approval_id
        WHERE n.how = 'listed' AND (
            NOT coalesce(r.content -> 'parts' @> '["copy", "images", "quality"]', false)
            OR (r.content ->> 'kind') IS DISTINCT FROM 'catalog.listing'
            OR (r.content ->> 'subject_id')::bigint IS DISTINCT FROM n.listing_id
            OR lower(n.during) < greatest(r.closed_at, (r.content ->> 'publish_at')::timestamptz)
            OR EXISTS (SELECT 1 FROM catalog_listingshelf o
                       WHERE o.approval_id = n.approval_id AND o.id <> n.id))) THEN
        PERFORM catalog_refuse('listingshelf_as_approved', 'every listing is approved for itself');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_listingshelf_as_approved AFTER INSERT ON catalog_listingshelf
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION catalog_listingshelf_as_approved();

CREATE FUNCTION catalog_listingshelf_only_cut() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'during' - 'delisting_id' IS DISTINCT FROM
       to_jsonb(OLD) - 'during' - 'delisting_id'
       OR isempty(OLD.during)
       OR NOT (isempty(NEW.during)
               OR (lower(NEW.during) IS NOT DISTINCT FROM lower(OLD.during)
                   AND NOT upper_inf(NEW.during) AND NEW.during <@ OLD.during)) THEN
        PERFORM catalog_refuse('listingshelf_only_cut', 'only the end may come earlier');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM catalog_delisting d
        WHERE d.id = NEW.delisting_id AND d.listing_id = NEW.listing_id
          AND d.state IN ('approved', 'at_once')
          AND (isempty(NEW.during) OR upper(NEW.during) >= d.effective_at)) THEN
        PERFORM catalog_refuse('listingshelf_ends_by_its_delisting', 'no delisting says so');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_listingshelf_only_cut BEFORE UPDATE ON catalog_listingshelf
    FOR EACH ROW EXECUTE FUNCTION catalog_listingshelf_only_cut();
"""
# What may live as a version of a listing: a passed review of these goods that still holds, and
# pictures that somebody attested, line by line (the five lines of choices.listings.Truth).
ACCEPTS = """
CREATE FUNCTION catalog_listing_acceptable(content jsonb, listing bigint, at timestamptz)
RETURNS text LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN l.retired_at IS NOT NULL THEN 'the goods were retired'
        WHEN q.id IS NULL OR q.id <> (SELECT max(n.id) FROM catalog_qualityreview n
                                      WHERE n.product_id = l.product_id)
             OR q.result <> 'passed' THEN 'no passed quality review of these goods'
        WHEN q.expires_on <= (at AT TIME ZONE 'Asia/Shanghai')::date
             THEN 'the report of the quality review has expired'
        WHEN NOT EXISTS (
             SELECT 1 FROM catalog_truthcheck t
             WHERE t.listing_id = l.id AND t.pictures = content -> 'pictures'
               AND t.ticks @> '["clear", "real", "colour", "untouched", "rights"]')
             THEN 'nobody attested these pictures'
        END
    FROM catalog_listing l
    LEFT JOIN catalog_qualityreview q
           ON q.id = (content ->> 'quality')::bigint AND q.product_id = l.product_id
    WHERE l.id = listing
$$;
"""
NO_ACCEPTS = "DROP FUNCTION catalog_listing_acceptable(jsonb, bigint, timestamptz);"
NO_SHELF = """
DROP TRIGGER catalog_listingshelf_only_cut ON catalog_listingshelf;
DROP FUNCTION catalog_listingshelf_only_cut();
DROP TRIGGER catalog_listingshelf_as_approved ON catalog_listingshelf;
DROP FUNCTION catalog_listingshelf_as_approved();
"""

DELISTING = """
CREATE FUNCTION catalog_delisting_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state NOT IN ('submitted', 'at_once') OR NEW.stated_at IS NOT NULL THEN
            PERFORM catalog_refuse('delisting_starts_submitted', 'a delisting is handed in');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'at_once' THEN
        IF OLD.stated_at IS NOT NULL OR NEW.stated_at IS NULL
           OR to_jsonb(NEW) - 'reason' - 'note' - 'stated_at' IS DISTINCT FROM
              to_jsonb(OLD) - 'reason' - 'note' - 'stated_at' THEN
            PERFORM catalog_refuse('delisting_states_reason_once', 'the reason is stated once');
        END IF;
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'state' - 'approval_id' IS DISTINCT FROM
       to_jsonb(OLD) - 'state' - 'approval_id'
       OR (OLD.approval_id IS NOT NULL AND NEW.approval_id IS DISTINCT FROM OLD.approval_id)
       OR (NEW.state <> OLD.state AND OLD.state <> 'submitted') THEN
        PERFORM catalog_refuse('delisting_fixed_once_submitted', 'what was handed in is fixed');
    END IF;
    IF NEW.state = 'approved' AND NOT EXISTS (
            SELECT 1 FROM approvals_request r
            WHERE r.id = NEW.approval_id AND r.subject_type = 'catalog.delisting'
              AND r.subject_id = NEW.id
              AND (r.content ->> 'listing')::bigint = NEW.listing_id
              AND (r.content ->> 'effective_at')::timestamptz = NEW.effective_at
              AND r.content ->> 'kind' = NEW.kind) THEN
        PERFORM catalog_refuse('delisting_as_approved', 'not what its approval says');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_delisting_course BEFORE INSERT OR UPDATE ON catalog_delisting
    FOR EACH ROW EXECUTE FUNCTION catalog_delisting_course();
"""
NO_DELISTING = """
DROP TRIGGER catalog_delisting_course ON catalog_delisting;
DROP FUNCTION catalog_delisting_course();
"""


class Migration(migrations.Migration):
    """Guard what was decided."""

    dependencies = [
        ("catalog", "0070_listing_tables"),
        ("approvals", "0002_promises"),
        ("revisions", "0002_promises"),
    ]

    operations = [
        append_only("catalog_listingrule"),
        append_only("catalog_qualityreview"),
        append_only("catalog_listingpicture"),
        append_only("catalog_listingproof"),
        append_only("catalog_truthcheck"),
        migrations.RunSQL(ENDED, NO_ENDED),
        migrations.RunSQL(SHELF, NO_SHELF),
        migrations.RunSQL(DELISTING, NO_DELISTING),
        migrations.RunSQL(ACCEPTS, NO_ACCEPTS),
        revised_kind("catalog.listing", flow="listing", accepts="catalog_listing_acceptable"),
        guard_by_approval(
            "catalog_listingshelf", "listing", opening_sql="n.how = 'opening'", on_update=False
        ),
        guard_by_approval("catalog_delisting", "delisting", when_sql="n.state = 'approved'"),
        revoke("catalog_listedword", "DELETE"),
        revoke("catalog_forbiddengoods", "DELETE"),
        revoke("catalog_listing", "DELETE"),
        revoke("catalog_listingshelf", "DELETE"),
        revoke("catalog_delisting", "DELETE"),
        revoke("catalog_listingtask", "DELETE"),
    ]
