"""What notify does, one story a file: plan a notice, hand it over and follow it up, record what became of it."""
