"""Configuration of the refactored release."""
