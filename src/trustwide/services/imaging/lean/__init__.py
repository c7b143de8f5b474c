"""Flow through imaging in lean terms: where the time goes, what is sent back, and why sites differ.

Words: an exam is one completed scan; a stay is one time a patient was in a scan room; changeover is the time from one
patient out of the room to the next one in, on the same scanner in the same session; %C&A is the share of requests that
go through a step complete and accurate, without being sent back. Others may call `reading`, `figures` and `measures`.
"""
