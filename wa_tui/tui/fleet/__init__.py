"""The monitor's copy of the fleet: counted, filtered and put in order."""
