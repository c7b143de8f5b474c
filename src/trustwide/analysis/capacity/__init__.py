"""Waiting lists and capacity: simulate a service, plan a change."""
