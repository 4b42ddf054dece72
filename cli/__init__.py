"""The `kefu` command line: data on stdout, talk on stderr, exit 0 (done), 1 (could not) or 2 (asked wrongly)."""
