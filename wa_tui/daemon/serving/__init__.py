"""The API: what answers requests on the Unix socket and over TCP."""
