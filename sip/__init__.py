"""What the telephone network does: legs, dialogs and their RTP, behind one endpoint."""
