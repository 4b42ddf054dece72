"""What routing does by itself: match, act on due times, take back from the absent, look after kept actions."""
