"""Others that do the same validated job with durable queues."""
