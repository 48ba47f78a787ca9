"""The monitor's screens, one a file; all but the main one are imported when they are first opened."""
