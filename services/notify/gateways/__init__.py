"""The ways out of the house: ``Sender`` is the port, each provider an adapter named after itself."""
