"""What outcomes mean for what we believe of nodes."""
