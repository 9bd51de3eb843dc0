"""The audio of browsers: ICE, DTLS-SRTP and RTP on a thread of their own, as ordinary rows of the bus."""
