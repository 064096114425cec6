"""What a proposal promises, kept by the database; which goods may not be bought (SCM-2.4-02)."""

from django.db import migrations

from ops.engines.approvals.ddl import guard_by_approval
from ops.engines.kernel.ddl import revoke

COURSE = """
CREATE FUNCTION catalog_selectionproposal_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' OR NEW.approval_id IS NOT NULL OR NEW.product_id IS NOT NULL THEN
            PERFORM catalog_refuse('selectionproposal_starts_as_draft',
                                   'a proposal starts as draft');
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.drafted_by, NEW.drafted_at)
       IS DISTINCT FROM (OLD.number, OLD.drafted_by, OLD.drafted_at)
       OR (OLD.state NOT IN ('draft', 'returned')
           AND to_jsonb(NEW) - 'state' - 'product_id'
               IS DISTINCT FROM to_jsonb(OLD) - 'state' - 'product_id')
       OR (OLD.product_id IS NOT NULL AND NEW.product_id IS DISTINCT FROM OLD.product_id) THEN
        PERFORM catalog_refuse('selectionproposal_fixed_once_submitted',
                               'what was handed in is fixed');
    END IF;
    IF NEW.product_id IS DISTINCT FROM OLD.product_id AND NOT EXISTS (
            SELECT 1 FROM catalog_product p
            JOIN catalog_category c ON c.id = p.category_id
            JOIN catalog_category a ON a.id = NEW.category_id
            WHERE p.id = NEW.product_id AND starts_with(c.path || '.', a.path || '.')) THEN
        PERFORM catalog_refuse('selectionproposal_product_as_approved',
                               'the product stands in another category than was approved');
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('draft', 'submitted'), ('draft', 'withdrawn'),
            ('returned', 'submitted'), ('returned', 'withdrawn'),
            ('submitted', 'returned'), ('submitted', 'withdrawn'), ('submitted', 'approved')) THEN
        PERFORM catalog_refuse('selectionproposal_moves_as_declared',
            'no proposal goes from ' || OLD.state || ' to ' || NEW.state);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_selectionproposal_course BEFORE INSERT OR UPDATE
    ON catalog_selectionproposal
    FOR EACH ROW EXECUTE FUNCTION catalog_selectionproposal_course();
CREATE TRIGGER catalog_selectionproposal_stays BEFORE DELETE OR TRUNCATE
    ON catalog_selectionproposal
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
CREATE TRIGGER catalog_sourcingtask_stays BEFORE DELETE OR TRUNCATE ON catalog_sourcingtask
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_COURSE = """
DROP TRIGGER catalog_sourcingtask_stays ON catalog_sourcingtask;
DROP TRIGGER catalog_selectionproposal_stays ON catalog_selectionproposal;
DROP TRIGGER catalog_selectionproposal_course ON catalog_selectionproposal;
DROP FUNCTION catalog_selectionproposal_course();
"""

TASKS = """
CREATE FUNCTION catalog_sourcingtask_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR (NEW.proposal_id, NEW.approval_id, NEW.opened_at)
       IS DISTINCT FROM (OLD.proposal_id, OLD.approval_id, OLD.opened_at) THEN
        PERFORM catalog_refuse('sourcingtask_ends_once', 'a sourcing task ends once');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_sourcingtask_ends_once BEFORE UPDATE ON catalog_sourcingtask
    FOR EACH ROW EXECUTE FUNCTION catalog_sourcingtask_ends_once();
"""
NO_TASKS = """
DROP TRIGGER catalog_sourcingtask_ends_once ON catalog_sourcingtask;
DROP FUNCTION catalog_sourcingtask_ends_once();
"""

# A SKU that needs a proposal never becomes one that was taken over.
BASIS = """
CREATE FUNCTION catalog_sku_selection_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_refuse('sku_selection_stays', 'how a SKU came in does not change');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_sku_selection_stays BEFORE UPDATE OF selection ON catalog_sku
    FOR EACH ROW WHEN (NEW.selection IS DISTINCT FROM OLD.selection)
    EXECUTE FUNCTION catalog_sku_selection_stays();
"""
NO_BASIS = """
DROP TRIGGER catalog_sku_selection_stays ON catalog_sku;
DROP FUNCTION catalog_sku_selection_stays();
"""

# Asked by the service before and by the trigger of purchase lines after: one truth for both.
BARRED = """
CREATE FUNCTION catalog_barred_from_purchase(ids bigint[])
RETURNS TABLE (sku_id bigint, code text, why text) LANGUAGE sql STABLE AS $$
    SELECT s.id, s.code::text,
           CASE WHEN 'retired' IN (s.state, p.state) THEN 'retired' ELSE 'unselected' END
    FROM unnest(ids) AS given(id)
    JOIN catalog_sku s ON s.id = given.id
    JOIN catalog_product p ON p.id = s.product_id
    WHERE 'retired' IN (s.state, p.state)
       OR (s.kind = 'goods' AND s.selection = 'needed' AND NOT EXISTS (
               SELECT 1 FROM catalog_selectionproposal o
               WHERE o.product_id = s.product_id AND o.state = 'approved'))
    ORDER BY s.code
$$;
"""
NO_BARRED = "DROP FUNCTION catalog_barred_from_purchase(bigint[]);"


class Migration(migrations.Migration):
    """Guard proposals and tasks by their approval; say which goods are barred."""

    dependencies = [("catalog", "0083_selection"), ("approvals", "0004_wider_promises")]

    operations = [
        migrations.RunSQL(COURSE, NO_COURSE),
        guard_by_approval(
            "catalog_selectionproposal",
            "product_selection",
            when_sql="n.state = 'approved'",
            line_sql=(
                "jsonb_build_object('proposal', n.id, 'category', n.category_id, 'name', n.name,"
                " 'price', n.price::text, 'unit_cost', n.unit_cost::text,"
                " 'monthly_sales', n.monthly_sales, 'score', n.score::text)"
            ),
            line_key="proposal",
        ),
        guard_by_approval("catalog_sourcingtask", "product_selection", on_update=False),
        migrations.RunSQL(TASKS, NO_TASKS),
        migrations.RunSQL(BASIS, NO_BASIS),
        migrations.RunSQL(BARRED, NO_BARRED),
        revoke("catalog_selectionproposal", "DELETE"),
        revoke("catalog_sourcingtask", "DELETE"),
    ]
