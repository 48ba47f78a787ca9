"""The bundled Node service: installs it, runs it, and keeps it running beside a daemon."""
