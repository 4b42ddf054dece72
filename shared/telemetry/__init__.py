"""What a running process tells its operators: logs, metrics, health."""
