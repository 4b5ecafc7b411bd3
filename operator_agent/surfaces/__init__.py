"""Where actions happen: one Protocol, one folder per kind of surface."""
