"""People who are scanned, told apart by keyed hashes, and what they need to be scanned well.

`identity.key_of` makes the hash; `Patient` and `PatientNeed` are the tables; `needs.NEEDS` lists what can be needed and
what it asks of an appointment; `actions` add, merge and change. Names, numbers and addresses are kept only where
the deployment runs live booking.
"""
