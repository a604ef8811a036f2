"""What a person sees. Views import core only; a lab is handed in."""
