"""Messages leave here through a provider, and patients' replies come in.

A provider is one class in `providers`: files in a folder by default, SMTP, or a signed webhook of a text message
service. `sending.send_due` may run in as many workers as there are: a message is taken by one of them only.
"""
