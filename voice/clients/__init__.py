"""Pages with the official Voice SDK: they sign in, call, and are called, over a WebSocket and WebRTC."""
