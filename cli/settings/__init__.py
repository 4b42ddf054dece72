"""`kefu settings`: everything that can be set."""
