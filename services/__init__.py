"""The four services. None imports another; they meet only on Kafka."""
