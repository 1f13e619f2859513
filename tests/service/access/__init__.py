"""Who may: keys, tokens, rights, and what becomes of connections."""
