"""Outside sources: who brings which figures, how often, and what came of every file.

A source is a record: the file layout it is read by, when figures are owed, who answers for it, and
on what licence they may be used. Files are sent through a screen or the API and lie in the house's
own folder until the job reads them; nothing is ever fetched from an address.
"""
