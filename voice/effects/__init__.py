"""From the interpreter's commands to the world: a table, and a module for each kind of command."""
