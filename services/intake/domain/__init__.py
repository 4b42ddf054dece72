"""What intake decides, pure and synchronous: who is speaking, which ticket a contact belongs to, what it changes."""
