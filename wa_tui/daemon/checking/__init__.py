"""Status checks: what gateways say of their sessions when they are asked."""
