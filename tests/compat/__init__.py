"""Published clients, and the program itself, used as their documentation says."""
