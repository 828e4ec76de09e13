from django.urls import path

from campaigns.networks import pages

urlpatterns = [
    path("networks/", pages.network_list, name="network-list"),
    path("networks/<int:pk>/", pages.network_edit, name="network-edit"),
    path("networks/<int:pk>/offer/", pages.network_offer, name="network-offer"),
    path("networks/<int:pk>/withhold/", pages.network_withhold, name="network-withhold"),
    path("networks/<int:pk>/up/", pages.network_up, name="network-up"),
    path("networks/<int:pk>/down/", pages.network_down, name="network-down"),
]
