"""`kefu dead-letters`: what the services gave up on, why, and back again."""
