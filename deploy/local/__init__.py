"""The embedded default: real Kafka and PostgreSQL and every service, under `.local/` of a checkout.

`python -m deploy.local up|down|status|clean` is the command, `deploy.local.stack.Stack` the same for programs.
"""
