"""What sla does without being told: one file a loop."""
