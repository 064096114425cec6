"""Worked price cases of textbooks, laws and other products, run through the promotion engine.

A case says its rule in the words of its source; `vocabulary` knows the words, `baskets` reads
what is bought, `kinds` turns an offer into rules of the engine, `phrases` reads offers written as
words, `series` several offers at once, `judging` compares. docs/promotions.md lists the words.
"""
