"""What any product would need: settings, errors, routes, database, bus, events, security."""
