"""What the partners do: one package a service, each with the same rooms."""
