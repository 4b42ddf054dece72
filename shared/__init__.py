"""What every service shares: the contract in code, the batch, and the ground they stand on."""
