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

# What a person enters by hand is what another person approved, to the cent and to the day.
MANUAL_SQL = """
CREATE UNIQUE INDEX journalentry_approval_once ON finance_journalentry (approval_id)
    WHERE approval_id IS NOT NULL;

CREATE FUNCTION finance_manual_as_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE content jsonb;
BEGIN
    SELECT r.content INTO content FROM approvals_request r WHERE r.id = NEW.approval_id;
    IF content ->> 'business_day' IS DISTINCT FROM NEW.business_day::text
       OR content ->> 'currency' IS DISTINCT FROM NEW.currency
       OR content ->> 'reverses' IS DISTINCT FROM NEW.reverses_id::text
       OR (NEW.kind = 'manual' AND
           (SELECT jsonb_agg(jsonb_build_array(l.account_id, l.debit, l.credit)
                             ORDER BY l.account_id, l.debit, l.credit)
              FROM finance_journalline l WHERE l.entry_id = NEW.id)
           IS DISTINCT FROM
           (SELECT jsonb_agg(jsonb_build_array(a.account, a.debit, a.credit)
                             ORDER BY a.account, a.debit, a.credit)
              FROM (SELECT e ->> 'account' AS account, (e ->> 'debit')::numeric AS debit,
                           (e ->> 'credit')::numeric AS credit
                      FROM jsonb_array_elements(content -> 'lines') e) a))
    THEN
        RAISE EXCEPTION 'journalentry_not_as_approved: %', NEW.voucher
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER manual_as_approved AFTER INSERT ON finance_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.approval_id IS NOT NULL)
    EXECUTE FUNCTION finance_manual_as_approved();
"""

MANUAL_SQL_REVERSE = """
DROP TRIGGER manual_as_approved ON finance_journalentry;
DROP FUNCTION finance_manual_as_approved();
DROP INDEX journalentry_approval_once;
"""

# By hand, or a reversal by a person of anything but a match, needs an approved request.
NEEDS_APPROVAL = """n.kind = 'manual' OR (n.kind = 'reversal' AND n.posted_by IS NOT NULL
            AND n.source_type <> 'finance.break')"""

# A closed month of the ledger opens again only by the approval of two others (FIN-7.4-01).
REOPENING_SQL = """
CREATE FUNCTION finance_period_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.state = 'closed' AND NEW.module = OLD.module AND NEW.days @> OLD.days THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NOT EXISTS (
        SELECT FROM approvals_request r
         WHERE r.flow = 'period_reopen' AND r.state = 'approved' AND r.kind = 'ordinary'
           AND r.closed_at >= OLD.closed_at
           AND OLD.days && daterange((r.content ->> 'first')::date,
                                     (r.content ->> 'last')::date, '[]')
    ) THEN
        RAISE EXCEPTION 'period_reopening_not_approved: %', OLD.days
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER finance_period_reopening BEFORE UPDATE OR DELETE ON periods_period
    FOR EACH ROW WHEN (OLD.module = 'ledger' AND OLD.state = 'closed')
    EXECUTE FUNCTION finance_period_reopening();
"""

# A month is called closed only when its list is done.
CLOSE_SQL = """
CREATE FUNCTION finance_close_list_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM finance_closeitem WHERE close_id = NEW.id)
       OR EXISTS (SELECT FROM finance_closeitem WHERE close_id = NEW.id AND state <> 'done') THEN
        RAISE EXCEPTION 'monthclose_list_not_done: %', NEW.month
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER close_list_done BEFORE UPDATE OF state ON finance_monthclose
    FOR EACH ROW WHEN (NEW.state = 'closed' AND OLD.state <> 'closed')
    EXECUTE FUNCTION finance_close_list_done();
ALTER TABLE finance_monthclose ADD CONSTRAINT monthclose_born_open CHECK (
    state <> 'closed' OR checked_at IS NOT NULL);
"""

CLOSE_SQL_REVERSE = """
ALTER TABLE finance_monthclose DROP CONSTRAINT monthclose_born_open;
DROP TRIGGER close_list_done ON finance_monthclose;
DROP FUNCTION finance_close_list_done();
"""

REOPENING_SQL_REVERSE = """
DROP TRIGGER finance_period_reopening ON periods_period;
DROP FUNCTION finance_period_reopening();
"""

# A match by hand leaves at most a fen (rules.MATCH_TOLERANCE): what differs more needs its code,
# and money of a statement is never merely explained away (FIN-7.3-01). Mirrors breaks.sides().
MATCHING_SQL = """
CREATE FUNCTION finance_break_match_agrees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE rest numeric; moneys integer;
BEGIN
    -- Taken back before the commit: there is nothing to judge any more.
    PERFORM 1 FROM finance_break b WHERE b.id = NEW.id AND b.resolution = NEW.resolution
        AND b.resolution_no = NEW.resolution_no;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF NEW.resolution_no = '' THEN
        RAISE EXCEPTION 'break_resolution_without_number: %', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(m.sign * (CASE WHEN m.line_id IS NULL THEN 0
                                       ELSE coalesce(m.statement_amount, 0) END
                                - CASE WHEN m.our_id IS NULL THEN 0
                                       ELSE coalesce(m.our_amount, 0) END)
                        ) FILTER (WHERE m.type <> 'FEE_DIFF'), 0),
           count(m.line_id)
      INTO rest, moneys
      FROM (SELECT b.*, CASE WHEN l.kind = 'other' THEN sign(l.amount)
                             WHEN l.kind IN ('refund', 'fee', 'withdrawal') THEN -1
                             WHEN l.id IS NULL AND b.type LIKE 'REFUND%' THEN -1
                             ELSE 1 END AS sign
              FROM finance_break b LEFT JOIN finance_settlementline l ON l.id = b.line_id
             WHERE b.channel_id = NEW.channel_id AND b.resolution_no = NEW.resolution_no
               AND b.resolution = NEW.resolution AND b.source <> 'file'
               AND b.type NOT IN ('TIMING_NEXT_PERIOD', 'REFUND_TIMING_NEXT_PERIOD')) m;
    IF NEW.resolution = 'matched' AND (abs(rest) > 0.01 OR moneys = 0) THEN
        RAISE EXCEPTION 'break_match_differs: % by %', NEW.resolution_no, rest
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.resolution = 'explained' AND moneys > 0 THEN
        RAISE EXCEPTION 'break_money_unbooked: %', NEW.resolution_no
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER break_match_agrees AFTER INSERT OR UPDATE ON finance_break
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.state = 'resolved' AND NEW.resolution IN ('matched', 'explained'))
    EXECUTE FUNCTION finance_break_match_agrees();
"""

MATCHING_SQL_REVERSE = """
DROP TRIGGER break_match_agrees ON finance_break;
DROP FUNCTION finance_break_match_agrees();
"""
