from django.urls import path

from ambassadors.channels import pages

urlpatterns = [
    path("channels/", pages.channel_list, name="channel-list"),
    path("channels/new/<str:kind>/", pages.channel_new, name="channel-new"),
    path("channels/<int:pk>/", pages.channel_detail, name="channel-detail"),
    path("channels/<int:pk>/edit/", pages.channel_edit, name="channel-edit"),
    path("channels/<int:pk>/test/", pages.channel_test, name="channel-test"),
    path("channels/<int:pk>/off/", pages.channel_off, name="channel-off"),
    path("channels/<int:pk>/on/", pages.channel_on, name="channel-on"),
    path("channels/<int:pk>/remove/", pages.channel_remove, name="channel-remove"),
    path("channels/<int:pk>/secret/", pages.channel_secret_new, name="channel-secret-new"),
    path("channels/<int:pk>/retire/", pages.channel_secret_retire, name="channel-secret-retire"),
    path("channels/sent/<uuid:pk>/", pages.channel_delivery, name="channel-delivery"),
    path("channels/sent/<uuid:pk>/again/", pages.channel_resend, name="channel-resend"),
]
