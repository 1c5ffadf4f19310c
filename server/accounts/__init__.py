"""Who is asking: guests, tickets, cookies."""
