"""What callers say, as text: engines chosen, utterances cut, transcripts kept and told."""
