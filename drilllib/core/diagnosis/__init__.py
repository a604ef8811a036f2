"""What an engineer needs to know at night: what a client meets, where it stops, what to change, what is not known."""
