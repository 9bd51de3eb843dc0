"""The tables of the settings, which ``voice.settings`` puts together."""
