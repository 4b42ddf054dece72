"""`kefu reseal`: everything sealed or indexed under an older key is made anew, so that the key can go."""
