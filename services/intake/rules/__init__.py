"""The rule files of intake: read, checked, and handed to what is pure."""
