"""The audio of a server as calls see it."""
