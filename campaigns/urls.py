"""Hub: every page about what is shared, slice by slice."""

from django.urls import include, path

app_name = "campaigns"
urlpatterns = [
    path("", include("campaigns.networks.urls")),
    path("", include("campaigns.home.urls")),
    path("", include("campaigns.welcome.urls")),
    path("", include("campaigns.sharing.urls")),
    path("", include("campaigns.planning.urls")),
    path("", include("campaigns.content.urls")),
    path("", include("campaigns.sources.urls")),
    path("", include("campaigns.approval.urls")),
    path("", include("campaigns.conversions.urls")),
    path("", include("campaigns.reach.urls")),
    path("", include("campaigns.variants.urls")),
    path("", include("campaigns.library.urls")),
]
