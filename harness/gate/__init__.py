"""Judges a phase: evidence, criteria, baseline and waivers give a verdict."""
