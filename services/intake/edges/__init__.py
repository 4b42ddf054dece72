"""Where contacts come in from outside Kafka: each channel its own protocol, all end on ``support.contact.v1``."""
