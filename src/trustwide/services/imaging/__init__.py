"""One imaging service over many sites: demand, waits, plans."""
