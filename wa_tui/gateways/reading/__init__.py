"""Reading what gateways write: each field for what it plainly is, whatever type it has."""
