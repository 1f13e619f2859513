"""The broker that many processes share, held against a real server in all its moods."""
