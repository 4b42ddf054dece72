"""The HTTP side: receipts of providers, verification for everybody, contact cards for members."""
