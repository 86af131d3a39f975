"""What a simulated Keepfy is made of."""
