"""The verbs that are filters: one JSON document a line in and out, in order; they need no server."""
