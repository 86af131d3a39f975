"""A simulated ERP with its EAI, whatever its product."""
