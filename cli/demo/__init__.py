"""`make demo`: a busy day on a stack of its own, start to end. ``rules`` makes it short, ``day`` plays it."""
