"""Cross-reference of internal ids (de-para). Has never heard of the bus."""
