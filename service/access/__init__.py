"""Who may: keys, tokens, and the rights that they give. Nothing is imported here: settings need but a part of it."""
