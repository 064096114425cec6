"""The festivals and seasons everybody knows, for 2026 and 2027 (CAT-4.4-03)."""

from django.db import migrations

FIRST = """
INSERT INTO catalog_festival (name, name_en, kind, starts_on, ends_on, is_marked, is_held)
VALUES
 ('元旦', 'New Year', 'holiday', '2026-01-01', '2026-01-03', false, true),
 ('年货节', 'New Year goods festival', 'shopping', '2026-01-26', '2026-02-14', true, true),
 ('春节', 'Spring Festival', 'holiday', '2026-02-17', '2026-02-23', false, true),
 ('春季', 'Spring', 'season', '2026-03-01', '2026-05-31', false, true),
 ('妇女节', 'Women''s Day', 'holiday', '2026-03-08', '2026-03-08', false, true),
 ('清明节', 'Qingming', 'holiday', '2026-04-05', '2026-04-05', false, true),
 ('劳动节', 'Labour Day', 'holiday', '2026-05-01', '2026-05-05', false, true),
 ('夏季', 'Summer', 'season', '2026-06-01', '2026-08-31', false, true),
 ('618', '618', 'shopping', '2026-06-01', '2026-06-18', true, true),
 ('端午节', 'Dragon Boat Festival', 'holiday', '2026-06-19', '2026-06-19', false, true),
 ('七夕', 'Qixi', 'holiday', '2026-08-19', '2026-08-19', false, true),
 ('秋季', 'Autumn', 'season', '2026-09-01', '2026-11-30', false, true),
 ('中秋节', 'Mid-Autumn Festival', 'holiday', '2026-09-25', '2026-09-25', false, true),
 ('国庆节', 'National Day', 'holiday', '2026-10-01', '2026-10-07', false, true),
 ('双11', 'Double Eleven', 'shopping', '2026-11-01', '2026-11-11', true, true),
 ('冬季', 'Winter', 'season', '2026-12-01', '2027-02-28', false, true),
 ('双12', 'Double Twelve', 'shopping', '2026-12-09', '2026-12-12', true, true),
 ('元旦', 'New Year', 'holiday', '2027-01-01', '2027-01-03', false, true),
 ('年货节', 'New Year goods festival', 'shopping', '2027-01-15', '2027-02-03', true, true),
 ('春节', 'Spring Festival', 'holiday', '2027-02-06', '2027-02-12', false, true),
 ('春季', 'Spring', 'season', '2027-03-01', '2027-05-31', false, true),
 ('妇女节', 'Women''s Day', 'holiday', '2027-03-08', '2027-03-08', false, true),
 ('清明节', 'Qingming', 'holiday', '2027-04-05', '2027-04-05', false, true),
 ('劳动节', 'Labour Day', 'holiday', '2027-05-01', '2027-05-05', false, true),
 ('夏季', 'Summer', 'season', '2027-06-01', '2027-08-31', false, true),
 ('618', '618', 'shopping', '2027-06-01', '2027-06-18', true, true),
 ('端午节', 'Dragon Boat Festival', 'holiday', '2027-06-09', '2027-06-09', false, true),
 ('七夕', 'Qixi', 'holiday', '2027-08-08', '2027-08-08', false, true),
 ('秋季', 'Autumn', 'season', '2027-09-01', '2027-11-30', false, true),
 ('中秋节', 'Mid-Autumn Festival', 'holiday', '2027-09-15', '2027-09-15', false, true),
 ('国庆节', 'National Day', 'holiday', '2027-10-01', '2027-10-07', false, true),
 ('双11', 'Double Eleven', 'shopping', '2027-11-01', '2027-11-11', true, true),
 ('冬季', 'Winter', 'season', '2027-12-01', '2028-02-29', false, true),
 ('双12', 'Double Twelve', 'shopping', '2027-12-09', '2027-12-12', true, true)
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0124_festivals")]

    operations = [migrations.RunSQL(FIRST, "DELETE FROM catalog_festival")]
