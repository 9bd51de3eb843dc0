"""Media Streams: the audio of calls over WebSockets, to applications and back (spec section 5.1)."""
