"""What happened: in a call, for its reader; in the server, for its operator."""
