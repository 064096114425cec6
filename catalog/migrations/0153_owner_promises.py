"""Who owns a product, who belongs to its owner, and what nobody else may do (HR-1.2-02)."""

from django.db import migrations

from ops.engines.kernel.ddl import revoke

# One truth for screens, services and triggers. A product's own entry comes first, then the nearest
# category above it, then the house; none: nobody owns it, and everybody works on it.
OWNERS = """
CREATE FUNCTION catalog_owner_entry(product bigint, at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT o.id FROM catalog_departmentowner o
          WHERE o.product_id = product AND o.during @> at),
        (SELECT o.id
           FROM catalog_product p
           JOIN catalog_category c ON c.id = p.category_id
           JOIN catalog_departmentowner o ON o.product_id IS NULL AND o.during @> at
           LEFT JOIN catalog_category k ON k.id = o.category_id
          WHERE p.id = product
            AND (o.category_id IS NULL OR c.path = k.path
                 OR left(c.path, length(k.path) + 1) = k.path || '.')
          ORDER BY length(coalesce(k.path, '')) DESC LIMIT 1))
$$;
CREATE FUNCTION catalog_owner_of(product bigint, at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT department_id FROM catalog_departmentowner WHERE id = catalog_owner_entry(product, at)
$$;

-- A member holds a position that may create in the catalogue: in the department, in one below or
-- above it, or in the whole company.
CREATE FUNCTION catalog_works_for(person bigint, department bigint, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE above AS (
        SELECT id, parent_id FROM identity_department WHERE id = department
        UNION SELECT d.id, d.parent_id FROM identity_department d JOIN above a ON d.id = a.parent_id
    ), below AS (
        SELECT department AS id
        UNION SELECT d.id FROM identity_department d JOIN below b ON d.parent_id = b.id
    )
    SELECT department IS NULL OR EXISTS (
        SELECT 1 FROM identity_assignment a
        JOIN identity_positionright r ON r.position_id = a.position_id AND r.area = 'catalog'
        WHERE a.person_id = person AND r.letters ~* 'c'
          AND a.valid @> (at AT TIME ZONE 'Asia/Shanghai')::date
          AND (a.department_id IS NULL OR a.department_id IN (SELECT id FROM above)
               OR a.department_id IN (SELECT id FROM below)))
$$;

CREATE FUNCTION catalog_departmentowner_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF upper(NEW.during) IS NOT NULL OR lower(NEW.during) < NEW.set_at THEN
            PERFORM catalog_refuse('departmentowner_from_now_on',
                                   'a department owns from now or later, until another does');
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - 'during') IS DISTINCT FROM (to_jsonb(OLD) - 'during')
       OR lower(NEW.during) IS DISTINCT FROM lower(OLD.during)
       OR upper(OLD.during) IS NOT NULL OR upper(NEW.during) IS NULL THEN
        PERFORM catalog_refuse('departmentowner_ends_once', 'an entry only ends, and once');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_departmentowner_course BEFORE INSERT OR UPDATE ON catalog_departmentowner
    FOR EACH ROW EXECUTE FUNCTION catalog_departmentowner_course();
CREATE TRIGGER catalog_departmentowner_stays BEFORE DELETE OR TRUNCATE ON catalog_departmentowner
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_policies_stay();
"""
NO_OWNERS = """
DROP TRIGGER catalog_departmentowner_stays ON catalog_departmentowner;
DROP TRIGGER catalog_departmentowner_course ON catalog_departmentowner;
DROP FUNCTION catalog_departmentowner_course();
DROP FUNCTION catalog_works_for(bigint, bigint, timestamptz);
DROP FUNCTION catalog_owner_of(bigint, timestamptz);
DROP FUNCTION catalog_owner_entry(bigint, timestamptz);
"""

MEMBERS = """
CREATE FUNCTION catalog_listing_by_its_department() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT catalog_works_for(NEW.opened_by, catalog_owner_of(NEW.product_id, NEW.opened_at),
                             NEW.opened_at) THEN
        PERFORM catalog_refuse('listing_by_its_department',
                               'another department owns this product');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_listing_by_its_department BEFORE INSERT ON catalog_listing
    FOR EACH ROW WHEN (NEW.opened_by IS NOT NULL)
    EXECUTE FUNCTION catalog_listing_by_its_department();

CREATE FUNCTION catalog_delisting_by_its_department() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    goods bigint := (SELECT product_id FROM catalog_listing WHERE id = NEW.listing_id);
BEGIN
    IF NOT catalog_works_for(NEW.asked_by, catalog_owner_of(goods, NEW.asked_at), NEW.asked_at) THEN
        PERFORM catalog_refuse('delisting_by_its_department',
                               'another department owns this product');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_delisting_by_its_department BEFORE INSERT ON catalog_delisting
    FOR EACH ROW WHEN (NEW.state = 'submitted' AND NEW.asked_by > 0)
    EXECUTE FUNCTION catalog_delisting_by_its_department();

CREATE FUNCTION catalog_productfeedback_to_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.department_id IS DISTINCT FROM catalog_owner_of(NEW.product_id, NEW.recorded_at) THEN
        PERFORM catalog_refuse('productfeedback_to_its_owner',
                               'feedback comes to the department that owns the product');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_productfeedback_to_its_owner BEFORE INSERT ON catalog_productfeedback
    FOR EACH ROW EXECUTE FUNCTION catalog_productfeedback_to_its_owner();

CREATE FUNCTION catalog_productfeedbackstep_by_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT catalog_works_for(NEW.done_by, (SELECT department_id FROM catalog_productfeedback
                                            WHERE id = NEW.feedback_id), NEW.at) THEN
        PERFORM catalog_refuse('productfeedbackstep_by_member',
                               'only the department whose queue it is in answers');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER catalog_productfeedbackstep_by_member BEFORE INSERT ON catalog_productfeedbackstep
    FOR EACH ROW WHEN (NEW.step IN ('taken', 'answered', 'closed'))
    EXECUTE FUNCTION catalog_productfeedbackstep_by_member();
"""
NO_MEMBERS = """
DROP TRIGGER catalog_productfeedbackstep_by_member ON catalog_productfeedbackstep;
DROP FUNCTION catalog_productfeedbackstep_by_member();
DROP TRIGGER catalog_productfeedback_to_its_owner ON catalog_productfeedback;
DROP FUNCTION catalog_productfeedback_to_its_owner();
DROP TRIGGER catalog_delisting_by_its_department ON catalog_delisting;
DROP FUNCTION catalog_delisting_by_its_department();
DROP TRIGGER catalog_listing_by_its_department ON catalog_listing;
DROP FUNCTION catalog_listing_by_its_department();
"""


class Migration(migrations.Migration):
    """Keep the history of owners; refuse what another department does."""

    dependencies = [("catalog", "0152_department_owners")]

    operations = [
        migrations.RunSQL(OWNERS, NO_OWNERS),
        migrations.RunSQL(MEMBERS, NO_MEMBERS),
        revoke("catalog_departmentowner", "DELETE"),
    ]
