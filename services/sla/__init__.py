"""The promises of every ticket: clocks over working time, warnings, breaches and the escalation ladder."""
