"""A simulated Omie: several apps with their own keys, real paths, limits, faults and webhooks."""
