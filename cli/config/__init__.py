"""`kefu config`: the rule files."""
