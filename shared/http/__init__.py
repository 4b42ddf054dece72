"""What every HTTP side has in common: problem documents, health, bodies within bounds, and how it is served."""
