"""What goes over the wire: replies, errors, reserved names. No logic of any route lives here."""
