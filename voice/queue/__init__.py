"""Call queues, and who waits in them."""
