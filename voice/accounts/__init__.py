"""Who the customers are, what they own, and what they have used."""
