"""What people decide about notices: the rule files, and what each version of a template's words has stood for."""
