"""What the database itself refuses and keeps in the general ledger."""

LEDGER_SQL = """
CREATE FUNCTION finance_lines_arrive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Lines are born with their entry: nothing can be added to a voucher afterwards.
    PERFORM 1 FROM fresh f JOIN finance_journalentry e ON e.id = f.entry_id
      WHERE e.txid <> pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journalline_joins_posted_entry' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM 1 FROM fresh f JOIN finance_account a ON a.code = f.account_id
      WHERE NOT a.is_postable LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journalline_account_takes_no_postings'
            USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO finance_accountbalance AS b (account_id, month, currency, debit, credit)
    SELECT f.account_id, date_trunc('month', e.business_day)::date, e.currency,
           sum(f.debit), sum(f.credit)
      FROM fresh f JOIN finance_journalentry e ON e.id = f.entry_id
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, month, currency) DO UPDATE
       SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_arrive AFTER INSERT ON finance_journalline
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION finance_lines_arrive();

CREATE FUNCTION finance_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE difference numeric; line_count integer;
BEGIN
    SELECT sum(debit) - sum(credit), count(*) INTO difference, line_count
      FROM finance_journalline WHERE entry_id = NEW.id;
    IF line_count < 2 OR difference <> 0 THEN
        RAISE EXCEPTION 'journalentry_unbalanced: % differs by %', NEW.voucher, difference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON finance_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_entry_balances();

-- Only the trigger above (its owner) keeps balances: the app may read them, never write them.
ALTER FUNCTION finance_lines_arrive() SECURITY DEFINER SET search_path = pg_catalog, public;
"""

LEDGER_SQL_REVERSE = """
DROP TRIGGER entry_balances ON finance_journalentry;
DROP FUNCTION finance_entry_balances();
DROP TRIGGER lines_arrive ON finance_journalline;
DROP FUNCTION finance_lines_arrive();
"""
