"""What simulated applications share: behaviour, carrier, desk, ledger."""
