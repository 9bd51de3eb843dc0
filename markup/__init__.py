"""What a TwiML document means: verbs, parser and a sans-IO interpreter."""
