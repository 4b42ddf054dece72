"""The rule files of an installation: reading them, saying where one is wrong, and what more than one service reads."""
