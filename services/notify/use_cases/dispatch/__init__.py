"""How a due notice leaves the house: it is claimed, the provider is called, the outcome is written down."""
