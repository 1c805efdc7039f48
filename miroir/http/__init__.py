"""From URLs to one call of a service, and from its reply to bytes. No decision about data is made here."""
