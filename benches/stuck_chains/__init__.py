"""How often chains stay far from the mass of posteriors that are hard to find a way into."""
