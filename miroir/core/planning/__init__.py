"""From a request to a plan: what will be asked of whom, as values."""
