from django.urls import path

from campaigns.sharing import addresses, answering, declining, muting, one_tap, plans, views

urlpatterns = [
    path("share/<int:pk>/", views.share_panel, name="share-panel"),
    path("share/<int:pk>/preview/", views.share_preview, name="share-preview"),
    path("share/<int:pk>/open/", views.share_open, name="share-open"),
    path("share/<int:pk>/decline/", declining.share_decline, name="share-decline"),
    path("share/<int:pk>/decline/undo/", declining.share_decline_undo, name="share-decline-undo"),
    path("share/<int:pk>/remind/", plans.plan_make, name="share-remind"),
    path("share/<int:pk>/qr.<slug:kind>", views.share_qr, name="share-qr"),
    path("library/<int:pk>/addresses/new/", addresses.address_give, name="address-give"),
    path("library/<int:pk>/addresses/bring/", addresses.address_move, name="address-move"),
    path("library/addresses/<int:pk>/off/", addresses.address_off, name="address-off"),
    path("library/addresses/<int:pk>/on/", addresses.address_on, name="address-on"),
    path("library/addresses/<int:pk>/qr.<slug:kind>", addresses.address_qr, name="address-qr"),
    path("plans/<int:pk>/remove/", plans.plan_remove, name="plan-remove"),
    path("plans/<int:pk>/calendar.ics", plans.plan_calendar, name="plan-calendar"),
    path("recalls/<int:pk>/", answering.recall_answer, name="recall-answer"),
    path("campaigns/<int:pk>/mute/", muting.campaign_mute, name="campaign-mute"),
    path("share/by-mail/<str:token>/", one_tap.share_one_tap, name="share-one-tap"),
    path("shares/<int:pk>/declare/", views.share_declare, name="share-declare"),
    path("shares/<int:pk>/dismiss/", views.share_dismiss, name="share-dismiss"),
]
