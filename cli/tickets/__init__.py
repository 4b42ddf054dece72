"""`kefu ticket`: tickets as their log tells them."""
