"""What notify keeps, as SQL: members, tickets, intents. Locked in the order ticket -> member -> intent."""
