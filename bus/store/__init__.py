"""Where the journal is kept: SQLite or memory, behind the same ledger.

`ledger` says what one commit does, the same for every store; a store loads and saves rows.
"""
