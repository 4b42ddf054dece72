"""SQL of routing, as named constants, one file for each kind of row."""
