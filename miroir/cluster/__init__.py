"""What this peer believes and shares: health, catalog, tasks."""
