"""Addresses of the API. They alone are let past the sign-in page, because each asks for a key or a session itself."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern

from trustwide.exchange.api.application import api

app_name = "api"
# its own front page would lead to documentation that needs another host
urlpatterns = [each for each in api.urls[0] if isinstance(each, URLPattern) and each.name != "api-root"]
for pattern in urlpatterns:
    login_not_required(pattern.callback)
