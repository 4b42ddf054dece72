"""The services. None imports another; they meet only on Kafka."""
