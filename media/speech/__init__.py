"""Text to samples: engines, the voices of TwiML, and a speaker that turns a text into a source at once."""
