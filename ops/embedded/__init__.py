"""PostgreSQL and Valkey out of locked wheels: the engines of production without a container.

No account is made, no mode of a folder outside the data directory is changed, and nothing
listens on the network. Importing this package starts nothing.
"""
