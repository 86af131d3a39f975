"""RM: how it behaves, for simulations."""
