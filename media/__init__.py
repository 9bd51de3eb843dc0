"""What samples do: the bus and its clock, mixing, sources, taps, files and speech."""
