"""The hand-written service: over real sockets under uvicorn where a socket is concerned."""
