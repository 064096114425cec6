"""The demo company: a Chinese retailer whose history is drawn from one seed (set-based).

`founding.found` makes it; every other module makes one part of it, through the services.
"""
