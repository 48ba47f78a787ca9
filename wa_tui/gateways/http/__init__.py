"""HTTP to a gateway: bounded answers, deadlines, and what a failure means; every kind is asked over it."""
