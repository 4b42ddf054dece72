"""What a contact says: a pure function from text to type, facts, time line, signals and a masked summary."""
