"""Photos of people, for the desks that compare faces: an officer adds, replaces and removes them."""
