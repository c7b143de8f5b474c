"""The index of the site."""

from __future__ import annotations

from django.urls import include, path

from trustwide.web import views as web

urlpatterns = [
    path("healthz", web.healthz, name="healthz"),
    path("accounts/", include("trustwide.commons.accounts.urls")),
    path("sites/", include("trustwide.commons.organisations.urls")),
    path("measures/", include("trustwide.commons.measures.urls")),
    path("data-quality/", include("trustwide.commons.measures.quality.urls")),
    path("signals/", include("trustwide.commons.measures.signals.urls")),
    path("briefs/", include("trustwide.exchange.briefs.urls")),
    path("workbooks/", include("trustwide.exchange.workbooks.urls")),
    path("api/v1/", include("trustwide.exchange.api.urls")),
    path("activity/", include("trustwide.exchange.activity.urls")),
    path("imaging/", include("trustwide.services.imaging.urls")),
    path("improvement/", include("trustwide.services.improvement.urls")),
    path("p/", include("trustwide.services.imaging.patient_pages.urls")),
    path("p/", include("trustwide.exchange.letters.urls")),
    path("messages/", include("trustwide.exchange.messages.urls")),
    path("performance/", include("trustwide.web.performance.urls")),
    path("", include("trustwide.web.urls")),
]

handler400 = web.bad_request
handler403 = web.not_allowed
handler404 = web.not_found
handler500 = web.server_error
handler429 = web.too_many_requests
