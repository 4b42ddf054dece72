"""The sandbox carrier: a provider of SMS and push that behaves like a real one over HTTP, and reaches nobody.

It takes messages without any idea of idempotency (a repeat is delivered twice), delivers later and says so by receipts,
refuses, hangs, fails and forgets when told to, and counts what reached the handsets. ``python -m deploy.carrier``
"""
