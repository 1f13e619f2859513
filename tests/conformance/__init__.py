"""The WebSocket protocol's own test cases (Autobahn's, run by kosoku) against the server's protocol class."""
