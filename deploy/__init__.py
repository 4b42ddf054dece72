"""How Kefu Bus is run: the embedded default, containers, and the sandbox carrier."""
