"""ConversationRelay: a conversation in text over a WebSocket, heard and spoken here (spec sections 2.13 and 5.2)."""
