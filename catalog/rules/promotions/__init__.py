"""The promotion engine: rules in, a quote out. No database, no clock, no request.

One module per idea: `baskets` and `rules` are the nouns, `reading` builds a rule from its JSON,
`goods` selects, `conditions` asks, `benefits` claims, `stacking` orders, `spreading` divides to
the cent, `caps` limits, `quoting` runs them in order, `refunds` goes back, `words` explains.
docs/promotions.md is the reference of the JSON and of every rule of arithmetic.
"""
