"""Why a message differs from its contract, for whoever must mend it."""
