"""Webhook applications as a customer would write them: they know Twilio's SDK and nothing of the switch."""
