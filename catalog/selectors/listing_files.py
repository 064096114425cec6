"""The texts of listings as rows of a file; they come back by import."""

from __future__ import annotations

from typing import Final

# What an edit would begin with: the version that is open, else the one that is live.
ROWS: Final = r"""
SELECT h.code, p.code, c.content ->> 'title',
       c.content #>> '{sections,specification}', c.content #>> '{sections,material}',
       c.content #>> '{sections,function}', c.content #>> '{sections,use}',
       c.content #>> '{sections,after_sales}',
       (SELECT string_agg(regexp_replace(w.word, '([,，\\])', '\\\1', 'g'), ',' ORDER BY w.no)
        FROM jsonb_array_elements_text(c.content -> 'keywords') WITH ORDINALITY AS w(word, no)),
       c.content ->> 'search_title', c.content ->> 'search_text'
FROM catalog_listing l
JOIN catalog_channel h ON h.id = l.channel_id
JOIN catalog_product p ON p.id = l.product_id
JOIN LATERAL (
    SELECT r.content
    FROM revisions_piece q JOIN revisions_revision r ON r.piece_id = q.id
    WHERE q.kind_id = 'catalog.listing' AND q.subject_id = l.id
      AND (r.state IN ('draft', 'submitted') OR EXISTS (
          SELECT FROM revisions_publication u
          WHERE u.revision_id = r.id AND u.during @> %(at)s::timestamptz))
    ORDER BY r.state IN ('draft', 'submitted') DESC LIMIT 1) c ON true
WHERE l.retired_at IS NULL
  AND (%(scopes)s::bigint[] IS NULL OR l.channel_id = ANY (%(scopes)s::bigint[]))
ORDER BY h.code, p.code
"""
