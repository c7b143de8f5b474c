"""Partnerships, partners, and sites with their own identity."""
