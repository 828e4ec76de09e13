from django.urls import path

from campaigns.sharing import views

urlpatterns = [
    path("share/<int:pk>/", views.share_panel, name="share-panel"),
    path("share/<int:pk>/preview/", views.share_preview, name="share-preview"),
    path("share/<int:pk>/open/", views.share_open, name="share-open"),
    path("shares/<int:pk>/declare/", views.share_declare, name="share-declare"),
    path("shares/<int:pk>/dismiss/", views.share_dismiss, name="share-dismiss"),
]
