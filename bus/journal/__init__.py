"""The journal: what is kept, and what one commit does. Pure: drivers are in `bus.store`."""
