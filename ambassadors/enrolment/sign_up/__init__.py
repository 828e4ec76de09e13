"""Coming in by oneself: a link for the people of the company, a queue where HR says yes."""
