"""Imaging services as departments describe them: who works when, who comes, what would happen, what would help.

A described *service* is kept by one site. Each change makes a *version*; a *run* answers a question about one version.
Others may call `actions.describe_service` and `run_actions.ask_run`.
"""
