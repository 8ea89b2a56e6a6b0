"""Models, and what all apps build on."""
