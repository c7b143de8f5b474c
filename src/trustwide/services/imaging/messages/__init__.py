"""Messages to patients and their answers: what is said, when it may go out, and what came back.

Messages wait here until `exchange.messages` sends them through a provider; replies come in the same way.
"""
