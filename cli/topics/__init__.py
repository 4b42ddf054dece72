"""`kefu topics`: the topics of the contract as they are on the broker."""
