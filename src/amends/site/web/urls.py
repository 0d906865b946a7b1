"""The desk's rooms in one place, and the addresses that belong to no room."""

from __future__ import annotations

from django.urls import include, path

from amends.site.web.front import front
from amends.site.web.gallery import gallery
from amends.site.web.language import language
from amends.site.web.ledger import check, ledger
from amends.site.web.operation import metrics, operation

urlpatterns = [
    path("", front, name="front"),
    path("desk/", include("amends.access.web.urls")),
    path("desk/remedies/", include("amends.remedies.web.urls")),
    path("desk/confirmations/", include("amends.confirmations.web.urls")),
    path("desk/notices/", include("amends.notices.web.told_urls")),
    path("desk/coverage/", include("amends.notices.web.urls")),
    path("desk/examination/", include("amends.notices.web.examination_urls")),
    path("desk/hotissues/", include("amends.hotissues.web.emergency_urls")),
    path("desk/hotissues/", include("amends.hotissues.web.urls")),
    path("desk/measures/", include("amends.hotissues.web.measures_urls")),
    path("desk/indicators/", include("amends.indicators.web.urls")),
    path("desk/ledger/", ledger, name="ledger"),
    path("desk/ledger/check/", check, name="check_ledger"),
    path("desk/operation/", operation, name="operation"),
    path("metrics", metrics, name="metrics"),
    path("gallery/", gallery, name="gallery"),
    path("language/", language, name="language"),
]
