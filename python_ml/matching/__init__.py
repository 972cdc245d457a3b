"""What two texts have in common: `features`, and a `classifier` that learns from it."""
