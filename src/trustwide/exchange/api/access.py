"""Who asks the API, and what they see: by a token, or signed in at a browser."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from trustwide.commons.accounts.actions import note_use
from trustwide.commons.accounts.models import AccessToken, User
from trustwide.commons.accounts.rules import can, check_can
from trustwide.commons.accounts.tokens import find_token
from trustwide.commons.measures.definition import MeasureDefinition, logical_table
from trustwide.commons.measures.reading import figures_at
from trustwide.commons.organisations.models import Site, SiteQuerySet

MINUTE = 60
ADDRESSES_SHARE = 4  # people of one hospital often come from one address


@dataclass(frozen=True)
class Reader:
    """A person who asks, themselves or by a token of theirs."""

    user: User
    token: AccessToken | None = None

    @property
    def key(self) -> str:
        """Whose calls are counted together."""
        return f"token:{self.token.pk}" if self.token else f"user:{self.user.pk}"

    def sites(self) -> SiteQuerySet:
        """The sites that they may see now, and no others, whatever the token once was made for."""
        seen: SiteQuerySet = Site.objects.for_user(self.user)
        if self.token is not None and self.token.only_chosen_sites:
            return seen.filter(pk__in=self.token.sites.values("pk"))
        return seen

    def figures_at(self) -> Q:
        """Where single figures may be read: of published measures at all their sites, of others where they may see the
        rows behind, for small numbers among them would tell of people.
        """
        return figures_at(self.user)

    def may_see_figures_of(self, definition: MeasureDefinition, site: Site) -> bool:
        """The same of one chart."""
        return logical_table(definition.table).published or can(self.user, "view_bookings", site)


class AccessTokenKey(HttpBearer):
    """The key of an access token, in the header `Authorization: Bearer`."""

    def authenticate(self, request: HttpRequest, token: str) -> Reader | None:
        now = timezone.now()
        found = find_token(token, now)
        if found is None:
            # not counted: nobody guesses 256 bits, and a limit would lock out right keys from the same address
            return None
        check_can(found.user, "view_measures")
        note_use(found, now)
        return Reader(found.user, found)


class SignedIn(SessionAuth):
    """The session of a browser. A request that shows a key is judged by its key alone."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Reader | None:
        if "Authorization" in request.headers or not isinstance(request.user, User):
            return None
        check_can(request.user, "view_measures")
        return Reader(request.user)


class CallsAMinute(BaseThrottle):
    """So many calls a minute by one token or person, and so many from one address; counted as signing in is."""

    def allow_request(self, request: HttpRequest) -> bool:
        most = settings.API_CALLS_A_MINUTE
        reader: Reader = request.auth  # type: ignore[attr-defined]
        rates = {"api": f"{most * ADDRESSES_SHARE}/m/ip,{most}/m/key"}
        key = reader.key
        return bool(ratelimit.consume(request, app="trustwide", action="api", config=rates, key=key, limit_get=True))

    def wait(self) -> float:
        return MINUTE
