"""Papers of two pages for people who decide: tagged PDF (PDF/UA) with alternative texts, made without a network."""

from trustwide.exchange.briefs.paper import Brief, to_pdf

__all__ = ["Brief", "to_pdf"]
