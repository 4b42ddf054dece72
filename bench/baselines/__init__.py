"""What our services are measured beside: code that does the same work without our care, as separate processes."""
