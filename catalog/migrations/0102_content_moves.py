"""The moves of content tasks, as the catalogue declares them (CAT-4.3-11, CAT-4.3-12)."""

from django.db import migrations

MOVES = (
    ("copy", "approved", "cancelled"),
    ("copy", "approved", "published"),
    ("copy", "assigned", "assigned"),
    ("copy", "assigned", "cancelled"),
    ("copy", "assigned", "drafted"),
    ("copy", "drafted", "assigned"),
    ("copy", "drafted", "cancelled"),
    ("copy", "drafted", "submitted"),
    ("copy", "returned", "assigned"),
    ("copy", "returned", "cancelled"),
    ("copy", "returned", "drafted"),
    ("copy", "submitted", "approved"),
    ("copy", "submitted", "cancelled"),
    ("copy", "submitted", "returned"),
    ("copy", "wanted", "assigned"),
    ("copy", "wanted", "cancelled"),
    ("design", "accepted", "briefed"),
    ("design", "accepted", "cancelled"),
    ("design", "accepted", "drafted"),
    ("design", "approved", "cancelled"),
    ("design", "approved", "delivered"),
    ("design", "briefed", "accepted"),
    ("design", "briefed", "briefed"),
    ("design", "briefed", "cancelled"),
    ("design", "drafted", "briefed"),
    ("design", "drafted", "cancelled"),
    ("design", "drafted", "submitted"),
    ("design", "returned", "briefed"),
    ("design", "returned", "cancelled"),
    ("design", "returned", "drafted"),
    ("design", "submitted", "approved"),
    ("design", "submitted", "cancelled"),
    ("design", "submitted", "returned"),
    ("design", "wanted", "briefed"),
    ("design", "wanted", "cancelled"),
    ("post", "approved", "cancelled"),
    ("post", "approved", "published"),
    ("post", "assigned", "assigned"),
    ("post", "assigned", "cancelled"),
    ("post", "assigned", "drafted"),
    ("post", "drafted", "assigned"),
    ("post", "drafted", "cancelled"),
    ("post", "drafted", "submitted"),
    ("post", "returned", "assigned"),
    ("post", "returned", "cancelled"),
    ("post", "returned", "drafted"),
    ("post", "submitted", "approved"),
    ("post", "submitted", "cancelled"),
    ("post", "submitted", "returned"),
    ("post", "wanted", "assigned"),
    ("post", "wanted", "cancelled"),
)
VALUES = ", ".join(f"('{kind}', '{before}', '{after}')" for kind, before, after in MOVES)


class Migration(migrations.Migration):
    """Fill the table of moves."""

    dependencies = [("catalog", "0101_content_promises")]

    operations = [
        migrations.RunSQL(
            f"INSERT INTO catalog_contentmove (kind, before, after) VALUES {VALUES}",
            "DELETE FROM catalog_contentmove",
        )
    ]
