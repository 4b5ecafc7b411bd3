"""What may be done: risks, origins, secrets, and the limits a person stated (`constraints` read them, `bounds` hold them)."""
