"""Personal data at rest and the tokens of people: encryption, blind indexes, signatures."""
