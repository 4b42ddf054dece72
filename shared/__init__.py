"""What every service shares: the contract in code, the batch, and what their transactions stand on."""
