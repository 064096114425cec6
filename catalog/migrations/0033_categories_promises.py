"""A product stands in a leaf; a category moves with a reason and never below itself."""

from django.db import migrations

from ops.engines.kernel.ddl import append_only

LEAF = """
CREATE FUNCTION catalog_product_in_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT category_id FROM fresh) n
                JOIN catalog_category c ON c.parent_id = n.category_id) THEN
        PERFORM catalog_refuse('product_in_leaf', 'a product stands in a category without others');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_product_in_leaf AFTER INSERT ON catalog_product
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION catalog_product_in_leaf();
CREATE FUNCTION catalog_product_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM catalog_category WHERE parent_id = NEW.category_id) THEN
        PERFORM catalog_refuse('product_in_leaf', 'a product stands in a category without others');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_product_moved AFTER UPDATE ON catalog_product FOR EACH ROW
    WHEN (OLD.category_id <> NEW.category_id) EXECUTE FUNCTION catalog_product_moved();

CREATE FUNCTION catalog_category_shelf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM catalog_product WHERE category_id = NEW.parent_id) THEN
        PERFORM catalog_refuse('category_shelf_empty', 'products stand in the category above');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalog_category_shelf AFTER INSERT OR UPDATE OF parent_id
    ON catalog_category DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION catalog_category_shelf();
"""
NO_LEAF = """
DROP TRIGGER catalog_category_shelf ON catalog_category;
DROP FUNCTION catalog_category_shelf();
DROP TRIGGER catalog_product_moved ON catalog_product;
DROP FUNCTION catalog_product_moved();
DROP TRIGGER catalog_product_in_leaf ON catalog_product;
DROP FUNCTION catalog_product_in_leaf();
"""
MOVED = """
CREATE FUNCTION catalog_category_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM catalog_categorymove m WHERE m.category_id = NEW.id
                    AND m.from_parent_id IS NOT DISTINCT FROM OLD.parent_id
                    AND m.to_parent_id IS NOT DISTINCT FROM NEW.parent_id) THEN
        PERFORM catalog_refuse('category_move_recorded', 'a category moves with its reason');
    END IF;
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT id, parent_id FROM catalog_category WHERE id = NEW.parent_id
            UNION SELECT c.id, c.parent_id
                    FROM catalog_category c JOIN above ON c.id = above.parent_id)
        SELECT 1 FROM above WHERE id = NEW.id) THEN
        PERFORM catalog_refuse('category_not_below_itself', 'a category below itself');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalog_category_moved AFTER UPDATE OF parent_id ON catalog_category
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION catalog_category_moved();
"""
NO_MOVED = """
DROP TRIGGER catalog_category_moved ON catalog_category;
DROP FUNCTION catalog_category_moved();
"""


class Migration(migrations.Migration):
    """Keep the tree in the database."""

    dependencies = [("catalog", "0032_coding_promises")]

    operations = [
        append_only("catalog_categoryrule"),
        append_only("catalog_categorymove"),
        migrations.RunSQL(LEAF, NO_LEAF),
        migrations.RunSQL(MOVED, NO_MOVED),
    ]
