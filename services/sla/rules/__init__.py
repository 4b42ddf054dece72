"""The rule files of sla: read, checked, and made what the domain decides by."""
