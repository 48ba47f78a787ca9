"""The reconciler: what gateways say and show, against what the fleet believes (design §3 and §4)."""
