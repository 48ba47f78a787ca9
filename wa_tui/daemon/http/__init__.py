"""HTTP on the daemon's sockets: uvicorn's protocols, with bounds, deadlines, and a short way for webhooks."""
